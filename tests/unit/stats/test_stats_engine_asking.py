"""How a checked query is asked: with which values, and how many times a table is read for the checks."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from services.stats.definitions.definition import Check, Output, Parameter
from services.stats.engine.connecting import connect
from services.stats.engine.counting import count
from services.stats.engine.cutting import parts
from services.stats.engine.gathering import gathered
from services.stats.engine.parameters import check_sql, literals, query, side_query
from services.stats.periods import period
from services.stats.problem import Problem
from services.stats.report import Report, Scope
from tests.support.stats_rows import written
from tests.unit.stats.test_stats_engine import DEFINITION, KNOWN, MONTH, ROWS, SETL

QUESTIONS = (
    "SELECT SUM(medfee_sumamt) AS n FROM setl_d WHERE insutype = '310' AND setl_time < :until",
    "SELECT COUNT(*) AS n FROM setl_d WHERE insutype = '310' AND medfee_sumamt > 5 AND setl_time < :until",
    "SELECT COUNT(DISTINCT psn_no) AS n FROM setl_d WHERE setl_time < :until AND (insutype = '310')",
    "SELECT SUM(medfee_sumamt) - MAX(medfee_sumamt) AS n FROM setl_d",
    "SELECT SUM(medfee_sumamt) AS n FROM setl_d WHERE insutype = '999'",
    "SELECT COUNT(insu_admdvs) AS n FROM setl_d WHERE insutype = '310' OR insutype IS NULL",
    "SELECT COUNT(*) AS n FROM (SELECT insutype FROM setl_d GROUP BY insutype) AS t",
    "SELECT COUNT(*) AS n FROM setl_d GROUP BY insutype HAVING COUNT(*) > 5",
    "SELECT SUM(a.medfee_sumamt) AS n FROM setl_d AS a JOIN setl_d AS b ON a.setl_id = b.setl_id",
)


def counted(folder: Path, **other: Any) -> Report:
    definition = msgspec.structs.replace(DEFINITION, **other)
    data = [written(folder, SETL, ROWS)]
    return count(
        definition, MONTH, data, Scope(), {}, folder / "out", memory_mb=512, scratch=folder / "s", known=KNOWN
    )  # fmt: skip


def test_questions_of_one_table_are_asked_at_once_and_answered_as_by_themselves(tmp_path: Path) -> None:
    values = literals(DEFINITION, MONTH, {})
    trees = [side_query(sql, DEFINITION, KNOWN, values) for sql in QUESTIONS]
    together = gathered(trees)
    read = parts([written(tmp_path, SETL, ROWS)], ["setl_d"], KNOWN, Scope())
    with connect("duckdb", read, tmp_path, 512) as engine:
        alone = [engine.figures(tree)[0] for tree in trees]
        found = {n: f for tree, places in together for n, f in zip(places, engine.figures(tree), strict=False)}
    assert [found[n] for n in range(len(trees))] == alone
    assert sorted(len(places) for _, places in together) == [1, 1, 1, 6]
    assert len(set(alone)) > 4


def test_the_same_sql_asked_again_has_the_other_values() -> None:
    sql = DEFINITION.sql.replace("FROM valid", "FROM valid WHERE insutype = :kind")
    definition = msgspec.structs.replace(DEFINITION, sql=sql, parameters=(Parameter("kind", "险种"),))
    texts = [
        query(definition, KNOWN, literals(definition, period(when), {"kind": kind})).sql("duckdb")
        for when, kind in (("2026-01", "310"), ("2026-02", "x' OR '1'='1"))
    ]
    assert "2026-01-01" in texts[0] and "'310'" in texts[0]
    assert "2026-02-01" in texts[1] and "'x'' OR ''1''=''1'" in texts[1]
    assert "2026-01-01" not in texts[1] and "310" not in texts[1]


@pytest.mark.parametrize(("type_", "text"), [("amount", "1e999999"), ("amount", "NaN"), ("count", "9" * 30)])
def test_a_figure_that_no_column_holds_is_refused(type_: Any, text: str) -> None:
    definition = msgspec.structs.replace(DEFINITION, parameters=(Parameter("least", "下限", type_),))
    with pytest.raises(Problem, match="应为"):
        literals(definition, MONTH, {"least": text})


def test_sql_that_is_nested_without_end_is_refused() -> None:
    deep = msgspec.structs.replace(DEFINITION, sql=f"SELECT {'(' * 5000}1{')' * 5000} AS rolled FROM setl_d")
    assert check_sql(deep, KNOWN)


def test_a_year_to_date_whose_first_months_are_missing_is_told(tmp_path: Path) -> None:
    outputs = tuple(msgspec.structs.replace(o, compare=("ytd",) if o.code == "fee" else ()) for o in DEFINITION.outputs)
    late = [row for row in ROWS if row["setl_time"].month > 1]
    data = [written(tmp_path, SETL, late)]
    definition = msgspec.structs.replace(DEFINITION, outputs=outputs)
    found = count(
        definition, MONTH, data, Scope(), {}, tmp_path / "out", memory_mb=512, scratch=tmp_path / "s", known=KNOWN
    )  # fmt: skip
    assert [c.found for c in found.checks] == ["结算信息从 2026-02 开始, 累计不含此前的月份"]
    assert counted(tmp_path, outputs=outputs).checks == ()


@pytest.mark.parametrize("codes", [("n", "n"), ("rolled",), ("summed_bits",)])
def test_two_columns_of_one_name_are_refused(codes: tuple[str, ...]) -> None:
    outputs = tuple(Output(code, "数", "count") for code in codes)
    sql = "SELECT COUNT(*) AS n, 0 AS rolled, 0 AS summed_bits FROM setl_d"
    [told] = check_sql(msgspec.structs.replace(DEFINITION, outputs=outputs, sql=sql), KNOWN)
    assert "代码重复" in told


def test_a_report_of_two_hundred_columns_and_no_dimension_is_counted(tmp_path: Path) -> None:
    outputs = tuple(Output(f"n{n}", f"第{n}项", "count") for n in range(200))
    sql = f"SELECT {', '.join(f'COUNT(*) + {n} AS n{n}' for n in range(200))}, 0 AS rolled FROM setl_d"
    report = counted(tmp_path, outputs=outputs, sql=sql, checks=(Check("一行", "row_count", least=1, most=1),))
    assert (report.rows, report.verdict, len(report.columns)) == (1, "passed", 200)
