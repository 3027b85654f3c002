"""Which row of the hospital is which row of the centre: by id, by message, by person, amounts and time; each row once.

Each pass pairs the first with the first, the second with the second of those that are left and share its key. Only a
worker process imports this module.
"""

from typing import Final

import duckdb
import msgspec

from services.stats.reconcile.sql import AMOUNTS, GROUP

_ANY: Final = "true"
_NO_ID, _NO_MESSAGE, _MESSAGE = "setl_id IS NULL", "msgid IS NULL", "msgid IS NOT NULL"
_PERSON_ANY_TIME: Final = ("psn_no", "neg", *AMOUNTS)
_NO_TIME: Final = "setl_time IS NULL"
_PERSON: Final = ("psn_no", "setl_time", "neg", *AMOUNTS)


class Pass(msgspec.Struct, frozen=True):
    """Rows are the same when `keys` are; `h` and `c` say which rows of each side take part."""

    by: str
    keys: tuple[str, ...]
    h: str = _ANY
    c: str = _ANY


PASSES: Final = (
    Pass("setl_id", ("setl_id", "neg", *AMOUNTS, "flag", *(f"coalesce({g}, '')" for g in GROUP), "inside")),
    Pass("setl_id", ("setl_id", "neg", *AMOUNTS)),
    Pass("setl_id", ("setl_id", "neg")),
    Pass("msgid", ("msgid", "neg", *AMOUNTS), c=_NO_ID),
    Pass("msgid", ("msgid", "neg", *AMOUNTS), h=_NO_ID),
    Pass("msgid", ("msgid", "neg"), c=_NO_ID),
    Pass("msgid", ("msgid", "neg"), h=_NO_ID),
    # Two messages that are known and differ are two transactions.
    Pass("psn_no", _PERSON, c=f"{_NO_ID} AND {_NO_MESSAGE}"),
    Pass("psn_no", _PERSON, h=_NO_MESSAGE, c=_NO_ID),
    Pass("psn_no", _PERSON, h=f"{_NO_ID} AND {_NO_MESSAGE}"),
    Pass("psn_no", _PERSON, h=_NO_ID, c=_NO_MESSAGE),
    # Details for 3202 have neither time nor message.
    Pass("psn_no", _PERSON_ANY_TIME, h=_NO_TIME, c=_NO_ID),
    # The centre gives a refund an id of its own, hospitals often repeat that of the settlement.
    Pass("mdtrt_id", ("mdtrt_id", *AMOUNTS), h="neg", c="neg"),
)


def match(con: duckdb.DuckDBPyConnection) -> None:
    """Of tables `h` and `c`: `pairs` (hr, cr, matched), and `dup_h`, `dup_c`: rids of rows that repeat another."""
    con.execute("CREATE TEMP TABLE pairs (hr BIGINT, cr BIGINT, matched VARCHAR)")
    for each in PASSES:
        if not (_left_any(con, "h", "hr", each, each.h) and _left_any(con, "c", "cr", each, each.c)):
            continue
        keys = ", ".join(f"k{i}" for i in range(len(each.keys)))
        con.execute(f"""
            INSERT INTO pairs SELECT x.rid, y.rid, '{each.by}'
            FROM ({_left("h", "hr", each, each.h)}) x JOIN ({_left("c", "cr", each, each.c)}) y USING ({keys}, k)""")
    for side, other, rid, other_rid in (("h", "c", "hr", "cr"), ("c", "h", "cr", "hr")):
        _repeated(con, side, other, rid, other_rid)


def _left_any(con: duckdb.DuckDBPyConnection, side: str, rid: str, each: Pass, kept: str) -> bool:
    """Whether anything is left for this pass: sorting millions of rows to pair them with none takes long."""
    query = f"SELECT 1 FROM {side} WHERE {each.keys[0]} IS NOT NULL AND {kept} AND rid NOT IN (SELECT {rid} FROM pairs)"
    return bool(con.execute(f"{query} LIMIT 1").fetchall())


def _left(side: str, rid: str, each: Pass, kept: str) -> str:
    named = ", ".join(f"{key} AS k{i}" for i, key in enumerate(each.keys))
    partition = ", ".join(each.keys)
    return f"""
        SELECT rid, {named}, row_number() OVER (PARTITION BY {partition} ORDER BY rid) AS k
        FROM {side} WHERE {each.keys[0]} IS NOT NULL AND {kept} AND rid NOT IN (SELECT {rid} FROM pairs)"""


def _repeated(con: duckdb.DuckDBPyConnection, side: str, other: str, rid: str, other_rid: str) -> None:
    """Rows left over that are the same as a paired row of either side, or as an earlier one that is left over."""
    con.execute(f"CREATE TEMP TABLE dup_{side} (rid BIGINT)")
    con.execute(f"CREATE OR REPLACE TEMP TABLE rest AS FROM {side} WHERE rid NOT IN (SELECT {rid} FROM pairs)")
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE paired AS
        SELECT * EXCLUDE (rid) FROM {side} WHERE rid IN (SELECT {rid} FROM pairs)
        UNION ALL SELECT * EXCLUDE (rid) FROM {other} WHERE rid IN (SELECT {other_rid} FROM pairs)""")
    _like(con, side, "rest", "paired")
    _first_of(con, side, "setl_id IS NOT NULL", "setl_id, neg")
    con.execute(f"CREATE OR REPLACE TEMP TABLE anon AS FROM rest WHERE {_NO_ID} AND rid NOT IN (FROM dup_{side})")
    con.execute("CREATE OR REPLACE TEMP TABLE named AS SELECT * EXCLUDE (rid) FROM rest WHERE setl_id IS NOT NULL")
    _like(con, side, "anon", "named")
    _first_of(con, side, f"{_NO_ID} AND {_MESSAGE}", "msgid, neg")
    _first_of(con, side, f"{_NO_ID} AND {_NO_MESSAGE} AND psn_no IS NOT NULL", ", ".join(_PERSON))


def _like(con: duckdb.DuckDBPyConnection, side: str, these: str, those: str) -> None:
    """`these` that are the same as one of `those` by any of what identifies a row."""
    person = " AND ".join(f"x.{key} = y.{key}" for key in _PERSON)
    either = "(x.setl_id IS NULL OR y.setl_id IS NULL)"
    for same in (
        "x.setl_id = y.setl_id AND x.neg = y.neg",
        f"x.msgid = y.msgid AND x.neg = y.neg AND {either}",
        f"{person} AND {either} AND (x.msgid IS NULL OR y.msgid IS NULL)",
    ):
        con.execute(f"""
            INSERT INTO dup_{side} SELECT DISTINCT x.rid FROM {these} x JOIN {those} y ON {same}
            WHERE x.rid NOT IN (FROM dup_{side})""")


def _first_of(con: duckdb.DuckDBPyConnection, side: str, kept: str, keys: str) -> None:
    """All but the first of those that share `keys` repeat it; what is within the days comes first."""
    con.execute(f"""
        INSERT INTO dup_{side} SELECT rid FROM (
          SELECT rid, row_number() OVER (PARTITION BY {keys} ORDER BY inside DESC, rid) AS k
          FROM rest WHERE {kept} AND rid NOT IN (FROM dup_{side})) WHERE k > 1""")
