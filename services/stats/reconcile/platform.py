"""What the platform itself found (the result of 3202), beside what was found here: how much of it is the same.

The result has differing rows only and does not say whose amounts it shows, so it is no ledger; yet each of its rows
should be in a difference of ours. Only a worker process imports this module.
"""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from services.stats.problem import Problem
from services.stats.reconcile.ledgers import Asked, connect
from services.stats.reconcile.sql import literal, source


class Beside(msgspec.Struct, frozen=True):
    """So many rows of the platform's results do not agree, so many of them are in our differences."""

    rows: int
    found: int

    @property
    def note(self) -> str:
        missing = self.rows - self.found
        more = f", {missing:,} 笔没有: 请核对两边台账是否齐全" if missing else ""
        return f"平台的对明细账结果有 {self.rows:,} 笔不平, 其中 {self.found:,} 笔在本次差异中{more}"


def beside(differences: Path, results: Sequence[Path], asked: Asked, scratch: Path) -> Beside:
    """Of the results for days within those that were asked for. Raises Problem for data sets that cannot be read."""
    keys = " OR ".join(
        f"(p.{key} IS NOT NULL AND p.{key} IN (SELECT {side}_{key} FROM d WHERE {side}_{key} IS NOT NULL))"
        for key in ("setl_id", "msgid")
        for side in ("h", "c")
    )
    with connect(scratch) as con:
        con.execute(f"CREATE VIEW d AS FROM read_parquet({literal(differences)})")
        try:
            [(rows, found)] = con.execute(f"""
                SELECT count(*), count(*) FILTER ({keys}) FROM (
                  SELECT DISTINCT setl_id, msgid FROM {source(results)}
                  WHERE fixmedins_code = {literal(asked.institution)} AND stmt_rslt NOT IN ('0', '000000')
                    AND stmt_begndate >= DATE '{asked.since}' AND stmt_enddate < DATE '{asked.until}') p""").fetchall()
        except (OSError, ValueError):
            raise Problem("对明细账结果的数据读不出来: 请重新上传后再对账") from None
    return Beside(int(rows), int(found))
