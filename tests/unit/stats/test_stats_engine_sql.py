"""What the SQL of a definition may not do: staff write definitions while the system runs."""

from pathlib import Path

import duckdb
import msgspec
import pytest
import sqlglot

from services.stats.definitions.definition import REPORTS, Check, Definition, Output, Parameter, load
from services.stats.engine.connecting import duck
from services.stats.engine.cutting import parts
from services.stats.engine.grammar import refused
from services.stats.engine.parameters import check_sql
from services.stats.report import Scope
from services.stats.sources.table import Column, Table
from tests.support.stats_rows import written

TABLE = Table(
    "setl_d", "结算", "一笔", (Column("setl_id", "ID"), Column("fee", "费用", "amount"), Column("day", "日", "date"))
)
KNOWN = {"setl_d": TABLE, "psn_info_b": Table("psn_info_b", "人员", "一人", (Column("psn_no", "人员"),))}
DEFINITION = Definition(
    "test", "测试", "fund", "", "", "元", "", ("setl_d",), (),
    (Output("setl_id", "ID", "code", dimension=True), Output("fee", "费用", "amount")),
    parameters=(Parameter("kind", "类别"),),
)  # fmt: skip
GOOD = (
    "SELECT setl_id, SUM(fee) AS fee, 0 AS rolled FROM setl_d WHERE day >= :since AND setl_id <> :kind GROUP BY setl_id"
)


def told(sql: str) -> str:
    return "; ".join(check_sql(msgspec.structs.replace(DEFINITION, sql=sql), KNOWN))


def test_plain_sql_is_accepted() -> None:
    assert told(GOOD) == ""


@pytest.mark.parametrize("name", sorted(path.parent.name for path in REPORTS.glob("*/definition.yaml")))
def test_every_shipped_definition_is_accepted(name: str) -> None:
    assert check_sql(load(name)) == []


@pytest.mark.parametrize(
    ("sql", "problem"),
    [
        ("SELECT * FROM setl_d", "SELECT *"),
        ("SELECT setl_d.* FROM setl_d", "SELECT *"),
        ("COPY setl_d TO '/tmp/x.csv'", "只能是一条 SELECT"),
        ("ATTACH 'x.db'", "只能是一条 SELECT"),
        ("PRAGMA version", "只能是一条 SELECT"),
        ("SET threads = 9", "只能是一条 SELECT"),
        ("DELETE FROM setl_d", "只能是一条 SELECT"),
        (GOOD + "; " + GOOD, "只能是一条 SELECT"),
        (GOOD + "; DROP TABLE setl_d", "只能是一条 SELECT"),
        ("", "只能是一条 SELECT"),
        ("SELECT (", "无法解析"),
        ("SELECT column0 FROM read_csv('/etc/passwd')", "函数"),
        ("SELECT file FROM glob('/**')", "函数 GLOB"),
        ("SELECT content FROM read_text('/etc/passwd')", "函数 READ_TEXT"),
        ("SELECT setl_id FROM '/data/x.parquet'", "没有列在 tables 中的表"),
        ("SELECT setl_id FROM psn_info_b", "没有列在 tables 中的表 psn_info_b"),
        ("SELECT setl_id FROM main.setl_d", "没有列在 tables 中的表"),
        ("SELECT usename FROM pg_catalog.pg_user", "没有列在 tables 中的表"),
        ("SELECT x.a FROM (WITH pg_shadow AS (SELECT 1 AS a) SELECT a FROM pg_shadow) AS x, pg_shadow", "pg_shadow"),
        ("WITH a AS (SELECT usename FROM pg_shadow), pg_shadow AS (SELECT 1 AS b) SELECT usename FROM a", "pg_shadow"),
        ("WITH RECURSIVE a AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM a) SELECT n FROM a", "RECURSIVE"),
        ("SELECT getenv('HOME') AS setl_id FROM setl_d", "函数 GETENV"),
        ("SELECT pg_sleep(100) AS setl_id FROM setl_d", "函数 PG_SLEEP"),
        ("SELECT now() AS setl_id FROM setl_d", "函数"),
        ("SELECT current_date AS setl_id FROM setl_d", "函数"),
        ("SELECT random() AS setl_id FROM setl_d", "函数"),
        ("SELECT setl_id FROM setl_d USING SAMPLE 10", "TABLESAMPLE"),
        ("SELECT COUNT(*) FILTER (WHERE fee > 0) AS fee FROM setl_d", "FILTER"),
        ("SELECT setl_id FROM setl_d QUALIFY ROW_NUMBER() OVER (ORDER BY fee) = 1", "QUALIFY"),
        ("SELECT LIST(setl_id) AS setl_id FROM setl_d", "函数"),
        ("SELECT setl_id, fee FROM setl_d", "没有给出列 rolled"),
        ("SELECT setl_id, 0 AS rolled FROM setl_d", "没有给出列 fee"),
        ("SELECT setl_id, cost AS fee, 0 AS rolled FROM setl_d", "列名不存在"),
        (GOOD.replace(":kind", ":other"), "参数 :other 没有声明"),
        (GOOD.replace(":kind", "?"), "没有声明"),
        (GOOD.replace("SUM(fee)", "SUM(fee / 3)"), "求和会有误差"),
        (
            "WITH a AS (SELECT setl_id, fee / 3 AS f FROM setl_d) "
            "SELECT setl_id, SUM(f) AS fee, 0 AS rolled FROM a GROUP BY setl_id", "求和会有误差",
        ),
        (GOOD.replace("SUM(fee)", "AVG(fee) OVER ()"), "AVG … OVER"),
    ],
)  # fmt: skip
def test_anything_else_is_refused_with_its_reason(sql: str, problem: str) -> None:
    assert problem in told(sql)


def test_a_sum_of_what_was_rounded_is_exact_and_accepted() -> None:
    assert told(GOOD.replace("SUM(fee)", "SUM(ROUND(fee / 3, 2))")) == ""


def test_the_sql_of_checks_is_held_to_the_same() -> None:
    check = Check("平衡", "sums_agree", left="SELECT SUM(fee) FROM setl_d", right="SELECT COUNT(*) FROM read_csv('/x')")
    found = check_sql(msgspec.structs.replace(DEFINITION, sql=GOOD, checks=(check,)), KNOWN)
    assert len(found) == 1
    assert found[0].startswith("核对“平衡”的 SQL")


def test_a_table_that_is_not_declared_is_told() -> None:
    assert "没有登记数据表 nothing" in check_sql(msgspec.structs.replace(DEFINITION, tables=("nothing",)), KNOWN)[0]


@pytest.mark.parametrize(
    "sql", ["SELECT a[1] FROM t", "SELECT {'a': 1}", "SELECT x -> x + 1", "SELECT a FROM t LIMIT 5%"]
)
def test_syntax_of_one_engine_is_refused(sql: str) -> None:
    assert refused(sqlglot.parse_one(sql, read="duckdb"))


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM read_csv('/etc/passwd')", "SELECT * FROM glob('/*')", "COPY setl_d TO '/tmp/stolen.csv'",
        "SET enable_external_access = true", "SET threads = 64", "ATTACH '/tmp/other.db'", "INSTALL httpfs",
    ],
)  # fmt: skip
def test_the_connection_is_locked_even_for_sql_that_nobody_checked(tmp_path: Path, statement: str) -> None:
    data = written(tmp_path, TABLE, [{"setl_id": "S1"}])
    with duck(parts([data], ["setl_d"], KNOWN, Scope()), tmp_path, 512) as engine:
        assert engine.connection.raw_sql("SELECT COUNT(*) FROM setl_d").fetchone() == (1,)
        with pytest.raises(duckdb.Error):
            engine.connection.raw_sql(statement).fetchall()
