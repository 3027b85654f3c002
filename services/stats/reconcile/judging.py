"""What is wrong with a pair, or with a row that is left over: its class, and what else holds of it.

Only a worker process imports this module.
"""

from typing import Final

import duckdb

from services.stats.reconcile.sql import AMOUNTS, GROUP

_BACK: Final = " AND ".join(f"n.{a} = -p.{a}" for a in AMOUNTS)
_DIFFER: Final = " OR ".join(f"h.{a} <> c.{a}" for a in AMOUNTS)
# An unknown group says nothing: the result of 3202 has none.
_GROUPS: Final = " OR ".join(f"h.{g} <> c.{g}" for g in GROUP)


def judge(con: duckdb.DuckDBPyConnection) -> None:
    """Of `h`, `c`, `pairs` and duplicates: table `found` (hr, cr, matched, variant, also, related), each row once."""
    _settled_twice(con)
    _refunded(con)
    _of_pairs(con)
    con.execute("""
        CREATE TEMP TABLE found AS
        SELECT hr, cr, matched, reasons[1] AS variant, reasons[2:] AS also, NULL::VARCHAR AS related
        FROM reasons WHERE len(reasons) > 0""")
    for side, other, rid in (("h", "c", "hr"), ("c", "h", "cr")):
        _left_over(con, side, other, rid)


def _settled_twice(con: duckdb.DuckDBPyConnection) -> None:
    """`double`: settlements at the centre after the first, of one visit and amount, none of which was taken back.

    A refund by the settlement's id takes back that one, one by the visit's id the earliest.
    """
    con.execute("""
        CREATE TEMP TABLE double AS
        WITH own AS (FROM c WHERE mdtrt_id IS NOT NULL AND setl_id IS NOT NULL AND rid NOT IN (FROM dup_c)),
        back AS (SELECT mdtrt_id, -medfee_sumamt AS medfee_sumamt, count(*) AS n FROM c
                 WHERE neg AND mdtrt_id IS NOT NULL AND rid NOT IN (FROM dup_c) GROUP BY ALL),
        once AS (SELECT mdtrt_id, medfee_sumamt, setl_id, min(rid) AS rid, min(setl_time) AS setl_time,
                   bool_or(rid IN (SELECT cr FROM pairs)) AS paired,
                   bool_or(setl_id IN (SELECT setl_id FROM c WHERE neg AND setl_id IS NOT NULL)) AS direct
                 FROM own WHERE NOT neg GROUP BY ALL),
        ranked AS (SELECT once.*, coalesce(n, 0) AS n, row_number() OVER (
                     PARTITION BY mdtrt_id, medfee_sumamt ORDER BY direct DESC, setl_time, setl_id) AS k
                   FROM once LEFT JOIN back USING (mdtrt_id, medfee_sumamt)),
        live AS (SELECT *, row_number() OVER (
                   PARTITION BY mdtrt_id, medfee_sumamt ORDER BY paired DESC, setl_time, setl_id) AS place
                 FROM ranked WHERE k > n)
        SELECT rid FROM live WHERE place > 1""")


def _refunded(con: duckdb.DuckDBPyConnection) -> None:
    """`flagged`: pairs of settlements of which one side says they were refunded, while neither has the refund."""
    con.execute(f"""
        CREATE TEMP TABLE flagged AS
        WITH p AS (SELECT h.*, p.hr, c.setl_id AS c_setl, c.mdtrt_id AS c_mdtrt
                   FROM pairs p JOIN h ON h.rid = hr JOIN c ON c.rid = cr WHERE NOT h.neg AND h.flag <> c.flag),
        n AS (SELECT setl_id, mdtrt_id, {", ".join(AMOUNTS)} FROM h WHERE neg
              UNION ALL SELECT setl_id, mdtrt_id, {", ".join(AMOUNTS)} FROM c WHERE neg)
        SELECT hr FROM p WHERE hr NOT IN (
          SELECT hr FROM p JOIN n ON n.setl_id = p.setl_id UNION SELECT hr FROM p JOIN n ON n.setl_id = p.c_setl
          UNION SELECT hr FROM p JOIN n ON n.mdtrt_id = p.mdtrt_id AND {_BACK}
          UNION SELECT hr FROM p JOIN n ON n.mdtrt_id = p.c_mdtrt AND {_BACK})""")


def _of_pairs(con: duckdb.DuckDBPyConnection) -> None:
    """`reasons`: what is wrong with each pair, the gravest first."""
    failed = " OR ".join(
        f"{side}.setl_id IN (SELECT setl_id FROM u WHERE setl_id IS NOT NULL) OR (NOT {side}.neg AND {side}.mdtrt_id "
        "IN (SELECT mdtrt_id FROM u WHERE setl_id IS NULL AND mdtrt_id IS NOT NULL))"
        for side in ("h", "c")
    )
    con.execute(f"""
        CREATE TEMP TABLE reasons AS
        SELECT hr, cr, matched, list_filter([
            CASE WHEN {_DIFFER} THEN 'amount' END,
            CASE WHEN hr IN (FROM flagged) THEN 'refund_flag' END,
            CASE WHEN h.inside AND NOT c.inside THEN 'late_at_centre'
                 WHEN c.inside AND NOT h.inside THEN 'late_at_hospital' END,
            CASE WHEN {_GROUPS} THEN 'group' END,
            CASE WHEN cr IN (FROM double) THEN 'both_settled_twice' END,
            CASE WHEN {failed} THEN 'unsuccessful' END], lambda x: x IS NOT NULL) AS reasons
        FROM pairs JOIN h ON h.rid = hr JOIN c ON c.rid = cr WHERE h.inside OR c.inside""")


def _left_over(con: duckdb.DuckDBPyConnection, side: str, other: str, rid: str) -> None:
    """Rows that have no counterpart: repetitions, refunds of what the other side still has, and what it never had."""
    twice, refunded, only = (
        ("hospital_twice", "hospital_refunded", "hospital_only")
        if side == "h"
        else ("centre_twice", "centre_refunded", "centre_only")
    )
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE original AS
        SELECT rid, min(setl_id) AS setl_id FROM (
          SELECT n.rid, coalesce(p.setl_id, p.mdtrt_id, '') AS setl_id
          FROM {side} n JOIN {other} p ON p.setl_id = n.setl_id WHERE n.neg AND NOT p.neg
          UNION ALL SELECT n.rid, coalesce(p.setl_id, p.mdtrt_id, '')
          FROM {side} n JOIN {other} p ON p.mdtrt_id = n.mdtrt_id AND {_BACK} WHERE n.neg AND NOT p.neg)
        GROUP BY rid""")
    again = "x.rid IN (FROM double)" if side == "c" else "false"
    hr, cr = ("x.rid", "NULL") if side == "h" else ("NULL", "x.rid")
    con.execute(f"""
        INSERT INTO found SELECT {hr}, {cr}, '',
          CASE WHEN x.rid IN (FROM dup_{side}) THEN '{twice}' WHEN o.rid IS NOT NULL THEN '{refunded}'
               WHEN {again} THEN 'settled_twice' ELSE '{only}' END, [], o.setl_id
        FROM {side} x LEFT JOIN original o ON o.rid = x.rid
        WHERE x.inside AND x.rid NOT IN (SELECT {rid} FROM pairs)""")
