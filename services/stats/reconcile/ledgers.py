"""The two ledgers and the list of cross-region failures, as DuckDB sees them: Parquet under names that are short.

Only a worker process imports this module.
"""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Final

import duckdb
import msgspec

from services.stats.problem import Problem
from services.stats.reconcile.overlapping import Overlap, settle
from services.stats.reconcile.sql import AMOUNTS, COLUMNS, GROUP, KEYS, literal, source

HOSPITAL, CENTRE = "医院账", "中心账"
_NEEDED: Final = (*GROUP, *AMOUNTS, "setl_time", "refd_setl_flag")


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What is compared: data sets of both sides, all days `since` <= setl_time < `until`, of one institution.

    The data sets of a side stand in the order in which they were read in: where two of them have the same settlement,
    the later one counts. Rows outside of the days are only looked at to explain those within. `refunds` are in the
    totals (1) or not (0). `only_unbalanced` lists details only of groups whose totals disagree, as the platform's 3202
    does. `may_be_empty`: that a side has nothing in these days is no mistake.
    """

    hospital: tuple[Path, ...]
    centre: tuple[Path, ...]
    since: date
    until: date
    unsuccessful: tuple[Path, ...] = ()
    institution: str = ""
    refunds: bool = True
    only_unbalanced: bool = False
    may_be_empty: bool = False
    memory_mb: int = 900
    threads: int = 2


class Side(msgspec.Struct, frozen=True):
    """What was found of a ledger: `rows` of these days, those that name no institution, and what overlaps.

    `unsplit` are the columns of the group that are not known of every row: totals are not split by them.
    """

    name: str
    rows: int
    nameless: int
    overlap: Overlap
    unsplit: frozenset[str]

    @property
    def notes(self) -> tuple[str, ...]:
        told = []
        if self.overlap.rows:
            differ = f", 其中 {self.overlap.changed:,} 笔内容不同" if self.overlap.changed else ""
            told.append(f"{self.name}有 {self.overlap.rows:,} 笔在几个数据集中重复{differ}, 已按最后读入的计一次: "
                        "旧的数据集不再有效时请撤下")  # fmt: skip
        if self.nameless:
            told.append(f"{self.name}有 {self.nameless:,} 笔没有定点医药机构编号, 没有计入: "
                        "请在读入时用 given 补充 fixmedins_code")  # fmt: skip
        if self.unsplit:
            told.append(f"{self.name}没有全部写明 {'、'.join(sorted(self.unsplit))}: 总账不按这些列分组")
        return tuple(told)


def connect(scratch: Path, memory_mb: int = 256, threads: int = 2) -> duckdb.DuckDBPyConnection:
    """A database in memory that spills into `scratch`. What DuckDB does not count comes on top of its limit."""
    con = duckdb.connect(config={"threads": threads, "memory_limit": f"{memory_mb}MB"})
    con.execute(f"SET temp_directory = {literal(scratch)}")
    con.execute("SET preserve_insertion_order = false")
    con.execute("SET enable_progress_bar = false")
    return con


def attach(con: duckdb.DuckDBPyConnection, asked: Asked, scratch: Path) -> tuple[Side, Side]:
    """Views `all_h`, `all_c` (ledgers) and `u` (3209A). Raises Problem where a column is missing, or all rows are."""
    hospital = _ledger(con, "all_h", asked.hospital, asked, HOSPITAL, scratch)
    centre = _ledger(con, "all_c", asked.centre, asked, CENTRE, scratch)
    _failures(con, asked.unsuccessful, asked.institution)
    if asked.institution and not asked.may_be_empty:
        _check_filled(hospital, centre, asked.institution)
    return hospital, centre


def _ledger(
    con: duckdb.DuckDBPyConnection, view: str, paths: Sequence[Path], asked: Asked, called: str, scratch: Path
) -> Side:
    paths = tuple(dict.fromkeys(paths))
    have = columns(con, paths, called)
    if missing := [c for c in _NEEDED if c not in have]:
        raise Problem(f"{called}缺少列 {'、'.join(missing)}: 请按对账表的列名补上后重新上传")
    named = bool(asked.institution) and "fixmedins_code" in have
    con.execute(f"CREATE VIEW raw_{view} AS {_rows(paths, asked, have, named)}")
    overlap = settle(con, view, scratch) if len(paths) > 1 else Overlap()
    if len(paths) == 1:
        con.execute(f"CREATE VIEW {view} AS SELECT {', '.join(COLUMNS)} FROM raw_{view}")
    unknown = ", ".join(f"count(*) - count({g})" for g in GROUP)
    [(rows, *nulls)] = con.execute(f"SELECT count(*), {unknown} FROM {view} WHERE inside").fetchall()
    nameless = f"SELECT count(*) FROM {source(paths)} WHERE fixmedins_code IS NULL"
    [(without,)] = con.execute(nameless).fetchall() if named else [(0,)]
    return Side(called, rows, without, overlap, frozenset(g for g, n in zip(GROUP, nulls, strict=True) if n))


def _rows(paths: Sequence[Path], asked: Asked, have: set[str], named: bool) -> str:
    """The rows of the institution, with the place of their data set."""
    amounts = ", ".join(f"coalesce({c}, 0)::DECIMAL(18,2) AS {c}" for c in AMOUNTS)
    places = f"list_position([{', '.join(map(literal, paths))}], filename)" if len(paths) > 1 else "1"
    own = f"fixmedins_code = {literal(asked.institution)}" if named else "true"
    return f"""
        SELECT *, medfee_sumamt < 0 OR (medfee_sumamt = 0 AND fund_pay_sumamt + acct_pay < 0) AS neg
        FROM (
          SELECT {", ".join(_text(c, have) for c in (*KEYS, *GROUP))}, setl_time::TIMESTAMP AS setl_time, {amounts},
            coalesce(refd_setl_flag = '1', false) AS flag, {places} AS nth,
            coalesce({_inside(asked, have)}, true) AS inside
          FROM {source(paths)} WHERE {own})"""


def _inside(asked: Asked, have: set[str]) -> str:
    """Details for 3202 have no time: they belong to the days for which they were sent, if these are all asked for."""
    of_time = f"setl_time >= DATE '{asked.since}' AND setl_time < DATE '{asked.until}'"
    if not {"stmt_begndate", "stmt_enddate"} <= have:
        return of_time
    return f"CASE WHEN setl_time IS NOT NULL THEN {of_time} ELSE " \
        f"stmt_begndate >= DATE '{asked.since}' AND stmt_enddate < DATE '{asked.until}' END"  # fmt: skip


def _failures(con: duckdb.DuckDBPyConnection, paths: Sequence[Path], institution: str) -> None:
    if not paths:
        con.execute("CREATE VIEW u AS SELECT NULL::VARCHAR AS setl_id, NULL::VARCHAR AS mdtrt_id WHERE false")
        return
    have = columns(con, paths, "异地未成功清单")
    if not have & {"setl_id", "mdtrt_id"}:
        raise Problem("异地未成功清单没有结算编号 (setl_id) 和就诊编号 (mdtrt_id): 请用 3209A 的返回重新导出")
    kept = ", ".join(_text(name, have) for name in ("setl_id", "mdtrt_id"))
    named = bool(institution) and "fixmedins_code" in have
    own = f"coalesce(fixmedins_code, {literal(institution)}) = {literal(institution)}" if named else "true"
    con.execute(f"CREATE VIEW u AS SELECT {kept} FROM {source(paths)} WHERE {own}")


def _check_filled(hospital: Side, centre: Side, institution: str) -> None:
    """Whoever has not sent a ledger yet has no differences: all rows of the other side would be one."""
    empty = [side.name for side in (hospital, centre) if not side.rows]
    if not empty:
        return
    lost = "; ".join(note for side in (hospital, centre) for note in side.notes)
    told = f"{'和'.join(empty)}没有 {institution} 在这个期间的结算: 请核对机构编号和期间, 读入台账后再对账"
    sure = "" if len(empty) == 2 else "; 确实一笔也没有的, 加参数 may_be_empty=1"
    raise Problem(told + sure + (f" ({lost})" if lost else ""))


def columns(con: duckdb.DuckDBPyConnection, paths: Sequence[Path], called: str) -> set[str]:
    """Raises Problem for no files or files that are no Parquet."""
    if not paths:
        raise Problem(f"没有{called}的数据: 请先上传再对账")
    try:
        return {row[0] for row in con.execute(f"DESCRIBE SELECT * FROM {source(paths)}").fetchall()}
    except duckdb.Error as error:
        raise Problem(f"{called}的数据读不出来 ({type(error).__name__}): 请重新上传后再对账") from None


def _text(name: str, have: set[str]) -> str:
    return f"{name}::VARCHAR AS {name}" if name in have else f"NULL::VARCHAR AS {name}"
