"""What was found, as a Parquet file: every difference with both rows, its class, what to do about it, and a name.

Only a worker process imports this module.
"""

from pathlib import Path
from typing import Final

import duckdb

from services.stats.reconcile.classes import NAMES, VARIANTS
from services.stats.reconcile.ledgers import Asked
from services.stats.reconcile.sql import AMOUNTS, GROUP, KEYS, literal

_SHOWN: Final = (*KEYS, *GROUP, "setl_time", *AMOUNTS)


def write(con: duckdb.DuckDBPyConnection, asked: Asked, split: tuple[str, ...], target: Path) -> int:
    """What was found, sorted by class and keys; how many rows. `split` are the columns that the totals are grouped by.

    A difference's id follows from class and keys: a later comparison has the same.
    """
    _words(con)
    con.execute(f"CREATE TEMP VIEW listed AS {_listed(asked, split)}")
    _number(con)
    rows = """
        SELECT substr(sha256(concat_ws('|', class, key, coalesce(nth, 1))), 1, 32) AS id,
          l.* EXCLUDE (hr, cr, key, amounts)
        FROM listed l LEFT JOIN repeated r
        ON coalesce(l.hr, 0) = coalesce(r.hr, 0) AND coalesce(l.cr, 0) = coalesce(r.cr, 0)
        ORDER BY class, key, id"""
    con.execute("SET preserve_insertion_order = true")
    [(count,)] = con.execute(f"COPY ({rows}) TO {literal(target)} (FORMAT parquet, COMPRESSION zstd)").fetchall()
    return int(count)


def _words(con: duckdb.DuckDBPyConnection) -> None:
    """`words`: class, name, reason and next step of each variant."""
    con.execute("CREATE TEMP TABLE words (variant VARCHAR, class INTEGER, name VARCHAR, why VARCHAR, next VARCHAR, "
                "result VARCHAR, result6 VARCHAR)")  # fmt: skip
    con.executemany(
        "INSERT INTO words VALUES (?, ?, ?, ?, ?, ?, ?)",
        [(v.name, v.of, NAMES[v.of], v.why, v.next, v.result, v.result6) for v in VARIANTS],
    )


def _number(con: duckdb.DuckDBPyConnection) -> None:
    """`repeated`: of those that share class and keys, which one each is, from the second on.

    By hashes, step by step: a window over whole rows, when all of millions differ, does not fit into memory.
    """
    con.execute("CREATE TEMP TABLE hashed AS SELECT hr, cr, hash(class, key) AS k, hash(amounts) AS a FROM listed")
    con.execute("""
        CREATE TEMP TABLE repeated AS SELECT hr, cr, nth FROM (
          SELECT hr, cr, row_number() OVER (PARTITION BY k ORDER BY a, hr, cr) AS nth FROM hashed) WHERE nth > 1""")


def _listed(asked: Asked, split: tuple[str, ...]) -> str:
    """Every difference with both rows, and the `key` and `amounts` by which `write` names it."""
    rows = ", ".join(
        [f"{s}.{c} AS {s}_{c}" for s in ("h", "c") for c in _SHOWN]
        + ["CASE WHEN h.flag THEN '1' WHEN NOT h.flag THEN '0' END AS h_refd_setl_flag"]
        + ["CASE WHEN c.flag THEN '1' WHEN NOT c.flag THEN '0' END AS c_refd_setl_flag"]
        + [f"({_within('h', a)} - {_within('c', a)})::DECIMAL(18,2) AS delta_{a}" for a in AMOUNTS]
    )
    keys = ", ".join(f"coalesce({s}.{c}::VARCHAR, '')" for s in ("h", "c") for c in (*KEYS, "setl_time", "neg"))
    amounts = ", ".join(f"coalesce({s}.{a}::VARCHAR, '')" for s in ("h", "c") for a in AMOUNTS)
    bad = ", ".join(GROUP)
    cells = {s: ", ".join(f"coalesce({s}.{g}, chr(0))" if g in split else "''" for g in GROUP) for s in ("h", "c")}
    groups = " OR ".join(f"({cells[s]}) IN (SELECT ({bad}) FROM unbalanced)" for s in ("h", "c"))
    kept = f"{groups} OR class IN (8, 9)" if asked.only_unbalanced else "true"
    return f"""
        SELECT hr, cr, class, name, variant, matched, related, why, next, result, result6, {rows},
          array_to_string(also, ',') AS also, concat_ws('|', {keys}) AS key, concat_ws('|', {amounts}) AS amounts
        FROM found JOIN words USING (variant) LEFT JOIN h ON h.rid = hr LEFT JOIN c ON c.rid = cr WHERE {kept}"""


def _within(side: str, amount: str) -> str:
    """What a row adds to the totals, so that the differences add up to the difference of the totals."""
    return f"CASE WHEN {side}.inside THEN {side}.{amount} ELSE 0 END"
