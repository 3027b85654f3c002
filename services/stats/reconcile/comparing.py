"""A hospital's ledger against the centre's: totals, then the differences, each in one class, into a Parquet file.

Only a worker process imports this module.
"""

import shutil
from collections.abc import Callable
from decimal import Decimal
from hashlib import file_digest
from pathlib import Path
from tempfile import mkdtemp
from typing import Final, cast

import duckdb
import msgspec

from services.stats.problem import Problem
from services.stats.reconcile.classes import NAMES, Class
from services.stats.reconcile.judging import judge
from services.stats.reconcile.ledgers import Asked, attach, connect
from services.stats.reconcile.listing import write
from services.stats.reconcile.matching import match
from services.stats.reconcile.narrowing import narrow
from services.stats.reconcile.sql import AMOUNTS, GROUP, literal
from services.stats.reconcile.totals import Total, totals

DIFFERENCES: Final = "differences.parquet"


class Tally(msgspec.Struct, frozen=True):
    """How many differences of a class, and hospital less centre in yuan over them."""

    of: Class
    name: str
    count: int
    medfee_sumamt: Decimal
    fund_pay_sumamt: Decimal
    acct_pay: Decimal


class Compared(msgspec.Struct, frozen=True):
    """`differences` is sorted by class and keys; `sha256` is of its bytes. `notes` say in Chinese what staff should
    know of the data sets.
    """

    totals: tuple[Total, ...]
    tallies: tuple[Tally, ...]
    differences: Path
    sha256: str
    count: int
    notes: tuple[str, ...] = ()

    @property
    def balanced(self) -> bool:
        """Whether all groups agree in their totals (对总账平)."""
        return all(t.result == "0" for t in self.totals)

    @property
    def unexplained(self) -> tuple[Decimal, ...]:
        """The difference of the totals less that of all differences, for each amount: nothing, if refunds are in the
        totals and all details are listed.
        """
        return tuple(
            sum((getattr(t.hospital, a) - getattr(t.centre, a) for t in self.totals), Decimal())
            - sum((getattr(t, a) for t in self.tallies), Decimal())
            for a in AMOUNTS
        )


def compare(
    asked: Asked,
    out: Path,
    reduce: Callable[[duckdb.DuckDBPyConnection], None] = narrow,
    scratch: Path | None = None,
) -> Compared:
    """Writes `out`/differences.parquet. Raises Problem where the data sets cannot be compared.

    What does not fit into memory is spilled into `scratch`, else into a folder of its own.
    """
    if asked.since >= asked.until:
        raise Problem("对账期间不对: 开始日期应早于结束日期")
    out.mkdir(parents=True, exist_ok=True, mode=0o700)
    scratch = Path(mkdtemp(prefix=".reconcile-", dir=scratch or out))
    try:
        with connect(scratch, asked.memory_mb, asked.threads) as con:
            return _compare(con, asked, scratch, out / DIFFERENCES, reduce)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _compare(
    con: duckdb.DuckDBPyConnection,
    asked: Asked,
    scratch: Path,
    target: Path,
    reduce: Callable[[duckdb.DuckDBPyConnection], None],
) -> Compared:
    hospital, centre = attach(con, asked, scratch)
    split = tuple(g for g in GROUP if g not in hospital.unsplit | centre.unsplit)
    summed = totals(con, asked.refunds, split)
    reduce(con)
    match(con)
    judge(con)
    count = write(con, asked, split, target)
    with target.open("rb") as written:
        digest = file_digest(written, "sha256").hexdigest()
    return Compared(summed, _tallies(con, target), target, digest, count, hospital.notes + centre.notes)


def _tallies(con: duckdb.DuckDBPyConnection, target: Path) -> tuple[Tally, ...]:
    sums = ", ".join(f"sum(delta_{a})" for a in AMOUNTS)
    rows = con.execute(
        f"SELECT class, count(*), {sums} FROM read_parquet({literal(target)}) GROUP BY class ORDER BY class"
    ).fetchall()
    return tuple(Tally(cast(Class, k), NAMES[cast(Class, k)], n, a, b, c) for k, n, a, b, c in rows)
