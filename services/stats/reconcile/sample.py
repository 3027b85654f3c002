"""Two ledgers that are alike but for the differences that were planted in them, and much that only looks like one.

Only a worker process imports this module.
"""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Final

import duckdb
import msgspec

from services.stats.reconcile.planting import CENTRE, HOSPITAL, TRUTH
from services.stats.reconcile.sql import literal

SINCE, UNTIL = date(2026, 10, 1), date(2026, 11, 1)
INSTITUTION: Final = "H62010000001"
_STEP: Final = 2_654_435_761  # a prime: i times this, modulo any smaller number, meets every row once
_LEDGER: Final = (
    "setl_id, mdtrt_id, psn_no, msgid, insutype, clr_type, setl_optins, setl_time, "
    "institution() AS fixmedins_code, medfee_sumamt, fund_pay_sumamt, acct_pay, "
    "medfee_sumamt - fund_pay_sumamt - acct_pay AS cash_payamt, refd_setl_flag"
)


class Truth(msgspec.Struct, frozen=True):
    """Files of both ledgers and of the 3209A list; `planted` has class, variant and msgid of every difference."""

    hospital: Path
    centre: Path
    unsuccessful: Path
    planted: Path
    since: date = SINCE
    until: date = UNTIL


def ledgers(
    folder: Path, rows: int, seed: int, planted: Mapping[int, int], memory_mb: int = 900, institution: str = INSTITUTION
) -> Truth:
    """About `rows` settlements of `institution` on each side in October 2026, with `planted` differences of each class.

    Raises ValueError where more are planted than there is room for.
    """
    if sum(planted.values()) > rows // 2:
        raise ValueError("more differences than half of the rows")
    folder.mkdir(parents=True, exist_ok=True)
    hospital, centre, failures, truth_ = (
        folder / f"{name}.parquet" for name in ("hospital", "centre", "unsuccessful", "planted")
    )
    truth = Truth(hospital, centre, failures, truth_)
    with duckdb.connect(config={"threads": 2, "memory_limit": f"{memory_mb}MB"}) as con:
        con.execute("SET enable_progress_bar = false")
        con.execute(f"CREATE TEMP MACRO draw(i, what) AS hash(i, what, {seed}::BIGINT)")
        con.execute(f"CREATE TEMP MACRO institution() AS {literal(institution)}")
        con.execute(f"CREATE VIEW drawn AS {_drawn(rows, planted)}")
        con.execute("CREATE TEMP TABLE special AS FROM drawn WHERE kind <> 'plain'")
        _write(con, truth.hospital, f"SELECT {_LEDGER} FROM ({_side(HOSPITAL)})")
        _write(con, truth.centre, f"SELECT {_LEDGER}, '2' AS pay_loc FROM ({_side(CENTRE)})")
        told = "setl_id, mdtrt_id, institution() AS fixmedins_code, '国家平台未成功' AS memo"
        failed = f"SELECT {told} FROM special WHERE kind = 'd9'"
        _write(con, truth.unsuccessful, failed)
        _write(con, truth.planted, TRUTH)
    return truth


def _write(con: duckdb.DuckDBPyConnection, path: Path, sql: str) -> None:
    con.execute(f"COPY ({sql}) TO {literal(path)} (FORMAT parquet, COMPRESSION zstd)")


def _side(parts: tuple[str, ...]) -> str:
    return " UNION ALL BY NAME ".join(("FROM drawn WHERE kind = 'plain'", *parts))


def _drawn(rows: int, planted: Mapping[int, int]) -> str:
    """Every settlement with its kind: `d1` to `d9` are planted, the others agree, one in a hundred in its own way."""
    kinds, until = [], 0
    for of, count in sorted(planted.items()):
        until += count
        kinds.append(f"WHEN p < {until} THEN 'd{of}'")
    kinds.append(f"WHEN p - {until} < 16 OR p % 100 = 0 THEN 'k' || (draw(i, 'kind') % 16)::VARCHAR")
    span = (UNTIL - SINCE).days * 86_400
    return f"""
        SELECT i, p, kind, 'S' || lpad(i::VARCHAR, 20, '0') AS setl_id, 'M' || lpad(i::VARCHAR, 20, '0') AS mdtrt_id,
          'P' || lpad((i // 3)::VARCHAR, 20, '0') AS psn_no, 'G' || lpad(i::VARCHAR, 24, '0') AS msgid,
          CASE WHEN draw(i, 'insutype') % 3 = 0 THEN '390' ELSE '310' END AS insutype,
          (['11', '14', '21'])[1 + (draw(i, 'clr') % 3)::INTEGER] AS clr_type,
          (['620102', '620103', '620104', '620105'])[1 + (draw(i, 'optins') % 4)::INTEGER] AS setl_optins,
          TIMESTAMP '{SINCE}' + to_seconds(3600 + (draw(i, 'time') % {span - 7200})::BIGINT) AS setl_time,
          ((500 + cents) / 100)::DECIMAL(18,2) AS medfee_sumamt,
          ((500 + cents) * (draw(i, 'fund') % 80) // 100 / 100)::DECIMAL(18,2) AS fund_pay_sumamt,
          (cents * (draw(i, 'acct') % 20) // 100 / 100)::DECIMAL(18,2) AS acct_pay, '0' AS refd_setl_flag
        FROM (SELECT i, p, draw(i, 'cents') % 500000 AS cents, CASE {" ".join(kinds)} ELSE 'plain' END AS kind
              FROM (SELECT i, (i * {_STEP}) % {rows} AS p FROM range({rows}) t(i)))"""
