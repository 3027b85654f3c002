"""What stands in more than one data set of a side is counted once, as the data set that was read in last has it.

Exports overlap, and a ledger that was put right is uploaded while the old one is still there: without this every
settlement would look doubled. Within one data set nothing is left out: there, a repetition is a difference (class 7).
Only a worker process imports this module.
"""

from pathlib import Path
from typing import Final

import duckdb
import msgspec

from services.stats.reconcile.sql import COLUMNS, literal

_ROWS_AT_ONCE: Final = 4_000_000
_ALL: Final = f"hash({', '.join(COLUMNS)})"
# A settlement is the same by its id; a row without one is the same only where everything is.
_KEY: Final = f"CASE WHEN setl_id IS NOT NULL THEN hash(setl_id, neg) ELSE {_ALL} END"


class Overlap(msgspec.Struct, frozen=True):
    """How many rows of older data sets a newer one outweighs, and how many settlements differ between them."""

    rows: int = 0
    changed: int = 0


def settle(con: duckdb.DuckDBPyConnection, view: str, scratch: Path) -> Overlap:
    """Makes `view` of `raw_{view}`, whose `nth` is the place of the data set, the oldest first."""
    _shared(con, f"raw_{view}")
    [(keys, changed)] = con.execute("SELECT count(*), count(*) FILTER (changed) FROM shared").fetchall()
    kept = f"SELECT {', '.join(COLUMNS)} FROM raw_{view}"
    if not keys:
        con.execute(f"CREATE VIEW {view} AS {kept}")
        return Overlap()
    # Written down: every later step reads this side again.
    path = literal(scratch / f"{view}.parquet")
    newest = f"{kept} LEFT JOIN shared ON k = {_KEY} WHERE newest IS NULL OR nth = newest"
    con.execute(f"COPY ({newest}) TO {path} (FORMAT parquet)")
    con.execute(f"CREATE VIEW {view} AS FROM read_parquet({path})")
    [(rows,)] = con.execute(
        f"SELECT (SELECT count(*) FROM raw_{view}) - (SELECT count(*) FROM {view})"
    ).fetchall()  # fmt: skip
    return Overlap(int(rows), int(changed))


def _shared(con: duckdb.DuckDBPyConnection, raw: str) -> None:
    """Table `shared`: what stands in several data sets, the newest of them, and whether they disagree."""
    [(rows,)] = con.execute(f"SELECT count(*) FROM {raw}").fetchall()
    con.execute("CREATE OR REPLACE TEMP TABLE shared (k UBIGINT, newest BIGINT, changed BOOLEAN)")
    for part in range(parts := rows // _ROWS_AT_ONCE + 1):
        con.execute(f"""
            INSERT INTO shared SELECT k, max(nth), min(row) <> max(row)
            FROM (SELECT {_KEY} AS k, {_ALL} AS row, nth FROM {raw}) WHERE k % {parts} = {part}
            GROUP BY k HAVING min(nth) <> max(nth)""")
