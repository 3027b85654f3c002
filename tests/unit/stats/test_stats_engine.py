"""What a run counts and writes: which rows, which lines in which order, which bytes."""

import csv
from collections.abc import Sequence
from datetime import date, datetime, time
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import pytest

from services.stats.definitions.definition import Check, Definition, Output, Parameter
from services.stats.engine import writing
from services.stats.engine.counting import count
from services.stats.periods import period
from services.stats.problem import Problem
from services.stats.report import Input, Report, Scope
from services.stats.sources.table import Column, Table
from tests.support.stats_rows import duck_rows, written

SETL = Table(
    "setl_d", "结算信息", "一笔结算",
    (
        Column("setl_id", "结算ID", "code"), Column("insutype", "险种", "code"),
        Column("psn_no", "人员", personal="pseudonym"), Column("certno", "证件", personal="drop"),
        Column("fixmedins_code", "机构", "code"), Column("insu_admdvs", "区划", "code"),
        Column("medfee_sumamt", "费用", "amount"), Column("setl_time", "时间", "datetime"),
    ),
    dated="setl_time", institution="fixmedins_code", district="insu_admdvs",
)  # fmt: skip
PRICES = Table("hilist_b", "目录", "一个项目", (Column("hilist_code", "编码", "code"),), shared=True)
PEOPLE = Table("psn_info_b", "人员", "一人", (Column("psn_no", "人员", personal="pseudonym"),))
KNOWN = {t.name: t for t in (SETL, PRICES, PEOPLE)}
SQL = """
WITH valid AS (
    SELECT insutype, insu_admdvs, psn_no, medfee_sumamt FROM setl_d WHERE setl_time >= :since AND setl_time < :until)
SELECT insutype, insu_admdvs, GROUPING(insutype) + GROUPING(insu_admdvs) AS rolled,
    COUNT(DISTINCT psn_no) AS persons, SUM(medfee_sumamt) AS fee, SUM(medfee_sumamt) / COUNT(*) AS mean
FROM valid GROUP BY GROUPING SETS ((insutype, insu_admdvs), (insutype), ())
"""
DEFINITION = Definition(
    "test", "测试表", "fund", "测试", "财务科", "元", "险种 × 区划", ("setl_d",), (),
    (
        Output("insutype", "险种", "code", dimension=True), Output("insu_admdvs", "区划", "code", dimension=True),
        Output("persons", "人数", "count"), Output("fee", "费用", "amount"), Output("mean", "次均", "number"),
    ),
    sql=SQL,
)  # fmt: skip
MONTH = period("2026-02")
ALL = "SELECT SUM(medfee_sumamt) FROM setl_d"


def row(
    number: int, insutype: str | None, place: str | None, fee: str, day: date = date(2026, 2, 5), **other: Any
) -> dict[str, Any]:
    facts = {"setl_id": f"S{number}", "insutype": insutype, "insu_admdvs": place, "medfee_sumamt": Decimal(fee)}
    moment = datetime.combine(day, time(23, 59))
    return {**facts, "psn_no": f"P{number}", "fixmedins_code": "H1", "setl_time": moment, **other}


ROWS = [
    row(1, "390", "620102", "10.00"), row(2, "310", "620102", "0.05"), row(3, "310", "620103", "7.00"),
    row(4, None, "620102", "1.00"), row(5, "310", None, "2.00"), row(6, "310", "620102", "0.00", psn_no="P2"),
    row(7, "310", "620102", "99.00", date(2026, 3, 1)), row(8, "310", "620104", "50.00", date(2026, 1, 31)),
]  # fmt: skip


def counted(
    folder: Path, rows: Sequence[dict[str, Any]] = ROWS, definition: Definition = DEFINITION, *,
    scope: Scope = Scope(), inputs: Sequence[Input] = (),
    parameters: dict[str, str] | None = None, asked: str = "2026-02", **other: Any,
) -> Report:  # fmt: skip
    data = inputs or [written(folder, SETL, rows)]
    return count(
        definition, period(asked), data, scope, parameters or {}, folder / "out", memory_mb=1024,
        scratch=folder / "scratch", known=KNOWN, **other,
    )  # fmt: skip


def lines(report: Report) -> list[tuple[Any, ...]]:
    return duck_rows(report.data)


def total(report: Report) -> Decimal:
    return Decimal(lines(report)[-1][3] or 0)


def test_lines_come_before_their_subtotal_and_the_total_last(tmp_path: Path) -> None:
    assert [(*line[:2], line[3], line[-1]) for line in lines(counted(tmp_path))] == [
        ("310", "620102", Decimal("0.05"), 0), ("310", "620103", Decimal("7.00"), 0), ("310", None, Decimal("2.00"), 0),
        ("310", None, Decimal("9.05"), 1), ("390", "620102", Decimal("10.00"), 0), ("390", None, Decimal("10.00"), 1),
        (None, "620102", Decimal("1.00"), 0), (None, None, Decimal("1.00"), 1), (None, None, Decimal("20.05"), 2),
    ]  # fmt: skip


def test_a_half_is_rounded_away_from_zero(tmp_path: Path) -> None:
    [first, *_] = lines(counted(tmp_path))
    assert (first[3], first[4]) == (Decimal("0.05"), Decimal("0.03"))
    negative = counted(tmp_path, [row(1, "310", "62", "-0.05"), row(2, "310", "62", "0.00")])
    assert lines(negative)[0][4] == Decimal("-0.03")


def test_the_hash_is_of_the_csv_without_its_mark(tmp_path: Path) -> None:
    report = counted(tmp_path)
    text = (report.data.parent / writing.CSV).read_bytes()
    assert text.startswith(b"\xef\xbb\xbf")
    assert sha256(text[3:]).hexdigest() == report.sha256
    read = list(csv.reader(text.decode("utf-8-sig").splitlines()))
    assert read[0] == ["insutype", "insu_admdvs", "persons", "fee", "mean", "rolled"]
    assert read[1] == ["310", "620102", "1", "0.05", "0.03", "0"]


def test_the_same_rows_are_the_same_bytes_however_they_are_split_and_ordered(tmp_path: Path) -> None:
    many = [row(n, f"3{n % 3}0", f"6201{n % 7}", f"{n * 37 % 100000 / 100:.2f}") for n in range(3000)]
    whole = counted(tmp_path / "a", inputs=[written(folder_(tmp_path / "a"), SETL, many)])
    halves = [
        written(folder_(tmp_path / "b"), SETL, part, f"part{n}") for n, part in enumerate((many[:900], many[900:]))
    ]
    again = counted(tmp_path / "b", inputs=list(reversed(halves)))
    assert again.sha256 == whole.sha256
    assert again.data.read_bytes() == whole.data.read_bytes()
    assert [i.sha256 for i in again.inputs] == sorted(i.sha256 for i in halves)


def folder_(path: Path) -> Path:
    path.mkdir(exist_ok=True)
    return path


def test_a_data_set_that_is_named_twice_is_counted_once(tmp_path: Path) -> None:
    data = written(tmp_path, SETL, ROWS)
    assert total(counted(tmp_path, inputs=[data, data])) == Decimal("20.05")


def test_the_newest_date_of_all_data_is_told(tmp_path: Path) -> None:
    assert counted(tmp_path).data_as_of == datetime.combine(date(2026, 3, 1), time(23, 59))


@pytest.mark.parametrize(
    ("scope", "fee"),
    [
        (Scope(), "20.05"), (Scope(districts=("6201",)), "18.05"), (Scope(districts=("620103",)), "7.00"),
        (Scope(districts=("620103", "620102")), "18.05"), (Scope(institutions=("H2",)), "0"),
        (Scope(institutions=()), "0"), (Scope(districts=("62%",)), "0"),
        (Scope(institutions=("H1",), districts=("620103",)), "7.00"),
    ],
)  # fmt: skip
def test_only_rows_that_the_asker_may_see_are_counted(tmp_path: Path, scope: Scope, fee: str) -> None:
    assert total(counted(tmp_path, scope=scope)) == Decimal(fee)


def test_a_table_that_cannot_be_cut_is_refused_to_whoever_sees_a_part(tmp_path: Path) -> None:
    people = msgspec.structs.replace(
        DEFINITION, tables=("psn_info_b",), outputs=(Output("persons", "人数", "count"),),
        sql="SELECT COUNT(*) AS persons, 0 AS rolled FROM psn_info_b",
    )  # fmt: skip
    data = [written(tmp_path, PEOPLE, [{"psn_no": "P1"}])]
    assert lines(counted(tmp_path, definition=people, inputs=data)) == [(1, 0)]
    with pytest.raises(Problem, match="不能按行政区划划分"):
        counted(tmp_path, definition=people, inputs=data, scope=Scope(districts=("62",)))


def test_a_shared_table_is_shown_to_everyone(tmp_path: Path) -> None:
    shared = msgspec.structs.replace(
        DEFINITION, tables=("hilist_b",), outputs=(Output("items", "项目", "count"),),
        sql="SELECT COUNT(*) AS items, 0 AS rolled FROM hilist_b",
    )  # fmt: skip
    data = [written(tmp_path, PRICES, [{"hilist_code": "X"}])]
    assert lines(counted(tmp_path, definition=shared, inputs=data, scope=Scope(institutions=("H9",)))) == [(1, 0)]


def test_a_table_without_data_is_named(tmp_path: Path) -> None:
    with pytest.raises(Problem, match=r"缺少数据表 结算信息 \(setl_d\): 请先上传"):
        count(DEFINITION, MONTH, [], Scope(), {}, tmp_path, memory_mb=512, scratch=tmp_path, known=KNOWN)


def test_an_older_data_set_without_a_new_column_has_it_empty(tmp_path: Path) -> None:
    older = msgspec.structs.replace(SETL, columns=tuple(c for c in SETL.columns if c.code != "insu_admdvs"))
    inputs = [
        written(tmp_path, older, ROWS, "older"),
        written(tmp_path, SETL, [row(9, "310", "620109", "1.00")], "newer"),
    ]
    found = {line[1]: line[3] for line in lines(counted(tmp_path, inputs=inputs)) if line[0] == "310" and not line[-1]}
    assert found == {None: Decimal("9.05"), "620109": Decimal("1.00")}


def test_a_parameter_is_a_value_and_never_sql(tmp_path: Path) -> None:
    sql = SQL.replace(":until)", ":until AND insutype = :kind AND medfee_sumamt >= :least)")
    chosen = (Parameter("kind", "险种", default="310"), Parameter("least", "起点", "amount", "0"))
    definition = msgspec.structs.replace(DEFINITION, sql=sql, parameters=chosen)
    assert total(counted(tmp_path, definition=definition)) == Decimal("9.05")
    assert total(counted(tmp_path, definition=definition, parameters={"kind": "390"})) == 10
    assert total(counted(tmp_path, definition=definition, parameters={"kind": "390' OR '1'='1"})) == 0
    assert total(counted(tmp_path, definition=definition, parameters={"least": "5"})) == 7
    with pytest.raises(Problem, match="参数“起点”应为金额"):
        counted(tmp_path, definition=definition, parameters={"least": "1; DROP"})
    with pytest.raises(Problem, match="没有参数 kidn"):
        counted(tmp_path, definition=definition, parameters={"kidn": "310"})


def test_comparisons_stand_beside_their_measure(tmp_path: Path) -> None:
    rows = [
        row(1, "310", "62", "30.00"), row(2, "390", "62", "5.00"), row(3, "310", "62", "20.00", date(2026, 1, 9)),
        row(4, "320", "62", "1.00", date(2026, 1, 9)), row(5, "310", "62", "40.00", date(2025, 2, 9)),
        row(6, "310", "62", "7.00", date(2025, 12, 31)),
    ]  # fmt: skip
    outputs = tuple(
        msgspec.structs.replace(o, compare=("mom", "yoy", "ytd")) if o.code == "fee" else o for o in DEFINITION.outputs
    )
    report = counted(tmp_path, rows, msgspec.structs.replace(DEFINITION, outputs=outputs))
    assert [c.code for c in report.columns][3:7] == ["fee", "fee_mom", "fee_yoy", "fee_ytd"]
    assert [c.name for c in report.columns][4:7] == ["费用环比", "费用同比", "费用累计"]
    found = {(line[0], line[-1]): line[3:7] for line in lines(report)}
    assert found["310", 0] == (Decimal("30.00"), Decimal("0.5"), Decimal("-0.25"), Decimal("50.00"))
    assert found["390", 0] == (Decimal("5.00"), None, None, Decimal("5.00"))
    assert found[None, 2] == (Decimal("35.00"), Decimal("0.666667"), Decimal("-0.125"), Decimal("56.00"))
    assert ("320", 0) not in found
    assert [c.found for c in report.checks] == ["环比对比期有而本期没有的 2 行没有列出"]


def test_a_change_from_a_few_persons_is_not_told(tmp_path: Path) -> None:
    rows = [row(n, "310", "62", "1.00") for n in range(9)] + [row(20, "310", "62", "3.00", date(2026, 1, 2))]
    outputs = tuple(
        msgspec.structs.replace(o, compare=("mom",) if o.code == "fee" else (), suppress=o.code == "persons")
        for o in DEFINITION.outputs
    )
    definition = msgspec.structs.replace(DEFINITION, outputs=outputs)
    assert lines(counted(tmp_path, rows, definition))[0][3:5] == (Decimal("9.00"), Decimal("2.0"))
    assert lines(counted(tmp_path, rows, definition, below=2))[0][3:5] == (Decimal("9.00"), None)


@pytest.mark.parametrize(
    ("check", "ok", "found"),
    [
        (Check("", "not_null", columns=("insutype",)), False, "险种 1 行为空"),
        (Check("", "not_null", columns=("fee",)), True, "没有空值"),
        (Check("", "unique", columns=("insutype", "insu_admdvs")), True, "没有重复"),
        (Check("", "unique", columns=("insu_admdvs",)), False, "2 行重复"),
        (Check("", "range", columns=("fee",), least=1, most=9), False, "费用 2 行小于 1或大于 9"),
        (Check("", "range", columns=("fee",), least=0), True, "都在范围内"),
        (Check("", "row_count", least=1, most=5), True, "5 行"),
        (Check("", "row_count", least=6), False, "5 行, 小于 6"),
        (Check("", "sums_agree", left=ALL, right="SELECT 169.05"), True, "两边一致: 169.05"),
        (
            Check("", "sums_agree", left=f"{ALL} WHERE setl_time < :until", right="SELECT 70.05"), True,
            "两边一致: 70.05",
        ),
        (
            Check("", "sums_agree", left="SELECT 1000", right="SELECT COUNT(*) FROM setl_d"), False,
            "两边不一致: 1,000 与 8, 相差 992",
        ),
        (Check("", "sums_agree", left="SELECT 1.00", right="SELECT 1.01", tolerance=0.01), True, "两边一致: 1"),
        (Check("", "zero_rows", left="SELECT COUNT(*) FROM setl_d WHERE insutype IS NULL"), False, "1 行有问题"),
        (Check("", "zero_rows", left="SELECT COUNT(*) FROM setl_d WHERE setl_id IS NULL"), True, "没有问题行"),
        (Check("", "last_period", columns=("fee",), tolerance=0.5), False, "费用比上期变动 -59.9% (50 → 20.05)"),
        (Check("", "last_period", columns=("fee",), tolerance=0.6), True, "变动都不超过 60%"),
    ],
)  # fmt: skip
def test_checks_tell_what_they_found(tmp_path: Path, check: Check, ok: bool, found: str) -> None:
    report = counted(tmp_path, definition=msgspec.structs.replace(DEFINITION, checks=(check,)))
    assert [(c.ok, c.found) for c in report.checks] == [(ok, found)]
    assert report.verdict == ("passed" if ok else "failed")


def test_of_all_data_there_is_nothing_to_compare_with(tmp_path: Path) -> None:
    check = Check("环比", "last_period", columns=("fee",), tolerance=0.1)
    report = counted(tmp_path, definition=msgspec.structs.replace(DEFINITION, checks=(check,)), asked="")
    assert (total(report), report.checks[0].found) == (Decimal("169.05"), "没有可比的上期, 未核对")


def test_few_persons_are_hidden_with_what_would_give_them_away(tmp_path: Path) -> None:
    outputs = tuple(msgspec.structs.replace(o, suppress=o.code == "persons") for o in DEFINITION.outputs)
    people = [("310", "A", 2), ("310", "B", 9), ("310", "C", 5), ("390", "A", 6), ("390", "B", 7)]
    rows = [row(100 * n + i, kind, place, "1.00") for n, (kind, place, many) in enumerate(people) for i in range(many)]
    report = counted(tmp_path, rows, msgspec.structs.replace(DEFINITION, outputs=outputs), below=3)
    hidden = {line[:2] for line in lines(report) if line[3] is None}
    assert hidden == {("310", "A"), ("310", "C")}
    assert all(line[2:5] == (None, None, None) for line in lines(report) if line[:2] in hidden)
    assert (report.hidden_marks, report.below) == (6, 3)


def test_a_value_that_cannot_be_cast_is_a_problem_that_does_not_quote_it(tmp_path: Path) -> None:
    sql = (
        "SELECT insutype, insu_admdvs, 0 AS rolled, 1 AS persons, CAST(psn_no AS BIGINT) AS fee, 1 AS mean FROM setl_d"
    )
    with pytest.raises(Problem, match="不能换算的值") as told:
        counted(tmp_path, definition=msgspec.structs.replace(DEFINITION, sql=sql))
    assert "P1" not in str(told.value)
