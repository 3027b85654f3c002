"""What need not be looked at: rows that are the same on both sides, found without joining ten million with ten million.

Rows fall into buckets by the hash of their id; for each bucket the fingerprints of the hospital's rows are added and
those of the centre's subtracted. Where nothing is left over, the bucket holds the same rows on both sides. All others
are looked at, with everything that shares a visit or a message with them, so that what is found is what would be found
among all rows: a test compares the two. Two different buckets pass for the same once in 2**63. Only a worker process
imports this module.
"""

from typing import Final

import duckdb

from services.stats.reconcile.sql import AMOUNTS, GROUP, ORDER

_PERSON: Final = f"hash(psn_no, setl_time, {', '.join(AMOUNTS)})"
_PERSON_ANY_TIME: Final = f"hash(psn_no, {', '.join(AMOUNTS)})"
_VISIT: Final = "hash(mdtrt_id, abs(medfee_sumamt))"
_ROWS_A_BUCKET: Final = 2
_VISITS_AT_ONCE: Final = 4_000_000
_LEAST, _MOST = 1 << 10, 1 << 22


def narrow(con: duckdb.DuckDBPyConnection) -> None:
    """Tables `h` and `c`: the rows of `all_h` and `all_c` that may be in a difference, each with a `rid` in an
    order of all columns, so that the order of the files decides nothing.
    """
    rows = max(_count(con, "all_h"), _count(con, "all_c"))
    buckets = min(max(1 << (rows // _ROWS_A_BUCKET).bit_length(), _LEAST), _MOST)
    _dirty(con, buckets)
    _twice(con, rows)
    # By the side it is looked for: what has no id is looked for on the other side.
    con.execute("CREATE TEMP TABLE visits AS SELECT mdtrt_id FROM twice UNION SELECT mdtrt_id FROM u")
    for side in ("h", "c"):
        con.execute(f"""
            INSERT INTO visits SELECT DISTINCT mdtrt_id FROM all_{side}
            WHERE setl_id IS NULL OR hash(setl_id) % {buckets} IN (FROM dirty)""")
    con.execute("CREATE TEMP TABLE known AS SELECT setl_id FROM u WHERE setl_id IS NOT NULL")
    for side, other in (("h", "c"), ("c", "h")):
        _without_id(con, side, other)
    for side in ("h", "c"):
        con.execute(f"""
            CREATE TEMP TABLE {side} AS SELECT *, row_number() OVER (ORDER BY {ORDER}) AS rid FROM all_{side}
            WHERE setl_id IS NULL OR hash(setl_id) % {buckets} IN (FROM dirty)
              OR mdtrt_id IN (SELECT mdtrt_id FROM visits WHERE mdtrt_id IS NOT NULL)
              OR setl_id IN (FROM known)""")


def everything(con: duckdb.DuckDBPyConnection) -> None:
    """Tables `h` and `c` of all rows, for a test to compare with."""
    for side in ("h", "c"):
        con.execute(
            f"CREATE TEMP TABLE {side} AS SELECT *, row_number() OVER (ORDER BY {ORDER}) AS rid FROM all_{side}"
        )


def _count(con: duckdb.DuckDBPyConnection, view: str) -> int:
    [(n,)] = con.execute(f"SELECT count(*) FROM {view}").fetchall()
    return int(n)


def _dirty(con: duckdb.DuckDBPyConnection, buckets: int) -> None:
    """Rows outside of the days do not count: they are the same on neither side as a rule."""
    fingerprint = f"(hash({', '.join(('setl_id', 'mdtrt_id', 'flag', *AMOUNTS, *_groups(con)))}) >> 1)::BIGINT"
    sides = " UNION ALL ".join(
        f"SELECT hash(setl_id) % {buckets} AS b, {sign}{fingerprint} AS f, {sign}1 AS n FROM all_{side} "
        "WHERE inside AND setl_id IS NOT NULL"
        for side, sign in (("h", ""), ("c", "-"))
    )
    con.execute(f"""
        CREATE TEMP TABLE dirty AS SELECT b FROM (
          SELECT b, sum(f) AS f, sum(n) AS n FROM ({sides}) GROUP BY b) WHERE f <> 0 OR n <> 0""")


def _groups(con: duckdb.DuckDBPyConnection) -> list[str]:
    """The columns of the group that both sides know: what one of them never says is no difference."""
    known = "SELECT 1 FROM all_{} WHERE {} IS NOT NULL LIMIT 1"
    return [g for g in GROUP if all(con.execute(known.format(side, g)).fetchall() for side in ("h", "c"))]


def _twice(con: duckdb.DuckDBPyConnection, rows: int) -> None:
    """Visits of which the centre has more than one settlement of the same amount that was not taken back."""
    parts = rows // _VISITS_AT_ONCE + 1
    con.execute("CREATE TEMP TABLE twice_hash (v UBIGINT)")
    for part in range(parts):
        con.execute(f"""
            INSERT INTO twice_hash SELECT v FROM (SELECT {_VISIT} AS v, neg FROM all_c WHERE mdtrt_id IS NOT NULL)
            WHERE v % {parts} = {part} GROUP BY v HAVING sum(CASE WHEN neg THEN -1 ELSE 1 END) > 1""")
    con.execute(f"""
        CREATE TEMP TABLE twice AS SELECT DISTINCT mdtrt_id FROM all_c
        WHERE mdtrt_id IS NOT NULL AND {_VISIT} IN (FROM twice_hash)""")


def _without_id(con: duckdb.DuckDBPyConnection, side: str, other: str) -> None:
    """The ids under which the other side may have the rows of this side that have none."""
    if not con.execute(f"SELECT 1 FROM all_{side} WHERE setl_id IS NULL LIMIT 1").fetchall():
        return
    con.execute(f"""
        INSERT INTO known SELECT setl_id FROM all_{other} WHERE setl_id IS NOT NULL AND (
          msgid IN (SELECT msgid FROM all_{side} WHERE setl_id IS NULL AND msgid IS NOT NULL)
          OR {_PERSON} IN (SELECT {_PERSON} FROM all_{side} WHERE setl_id IS NULL AND psn_no IS NOT NULL))""")
    if con.execute(f"SELECT 1 FROM all_{other} WHERE setl_time IS NULL LIMIT 1").fetchall():
        con.execute(f"""
            INSERT INTO known SELECT setl_id FROM all_{other}
            WHERE setl_id IS NOT NULL AND setl_time IS NULL AND {_PERSON_ANY_TIME} IN (
              SELECT {_PERSON_ANY_TIME} FROM all_{side} WHERE setl_id IS NULL AND psn_no IS NOT NULL)""")
    # The same person twice on one side, once with an id and once without, is a duplicate.
    con.execute(f"""
        INSERT INTO known SELECT setl_id FROM all_{side} WHERE setl_id IS NOT NULL AND (
          msgid IN (SELECT msgid FROM all_{side} WHERE setl_id IS NULL AND msgid IS NOT NULL)
          OR {_PERSON} IN (SELECT {_PERSON} FROM all_{side} WHERE setl_id IS NULL AND psn_no IS NOT NULL))""")
