"""A reconciliation (对账) as stats knows it: what the latest comparison found, what the hospital says. Pure."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

import msgspec

from contracts.envelope import derive_id
from contracts.reconciliation import Difference, DifferenceTally

Status = Literal["balanced", "open", "raised", "settled"]
STATES: Final[dict[Status, str]] = {"balanced": "对平", "open": "有差异", "raised": "已下发", "settled": "已办结"}


class Item(msgspec.Struct, frozen=True, omit_defaults=True):
    """A difference, see `contracts.reconciliation.Difference`, with what the hospital says; `raised`: it was asked."""

    id: str
    of: int
    setl_id: str = ""
    mdtrt_id: str = ""
    msgid: str = ""
    medfee: int = 0
    fund: int = 0
    acct: int = 0
    raised: bool = False
    verdict: str = ""
    note: str = ""
    answered_by: str = ""
    variant: str = ""


class Tally(msgspec.Struct, frozen=True, omit_defaults=True):
    """See `contracts.reconciliation.DifferenceTally`; amounts in fen."""

    of: int
    count: int
    medfee: int = 0
    fund: int = 0
    acct: int = 0


class Reconciliation(msgspec.Struct, frozen=True):
    """`items` are the first of `count` differences, `tallies` are of all. `spent` is about how many bytes were said."""

    fixmedins_code: str
    period: str
    status: Status
    run_id: UUID
    compared_at: datetime
    balanced: bool
    count: int
    differences_sha256: str
    tallies: tuple[Tally, ...] = ()
    items: tuple[Item, ...] = ()
    raised_at: datetime | None = None
    raised_by: str = ""
    settled_at: datetime | None = None
    note: str = ""
    spent: int = 0

    @property
    def whole(self) -> bool:
        """Whether every difference is kept one by one."""
        return self.count == len(self.items)

    @property
    def unanswered(self) -> int:
        return self.count - sum(1 for item in self.items if item.verdict)


def reconciliation_id(fixmedins_code: str, period: str) -> UUID:
    return derive_id("reconciliation", fixmedins_code, period)


def item_of(difference: Difference) -> Item:
    return Item(**difference.model_dump())


def tally_of(told: DifferenceTally) -> Tally:
    return Tally(**told.model_dump())


def tallies_of(items: Iterable[Item]) -> tuple[DifferenceTally, ...]:
    """The items of each class, counted and summed."""
    sums: dict[int, list[int]] = {}
    for item in items:
        of = sums.setdefault(item.of, [0, 0, 0, 0])
        for n, value in enumerate((1, item.medfee, item.fund, item.acct)):
            of[n] += value
    return tuple(
        DifferenceTally(of=of, count=count, medfee=medfee, fund=fund, acct=acct)
        for of, (count, medfee, fund, acct) in sorted(sums.items())
    )


def yuan(fen: int) -> str:
    sign, fen = "-" if fen < 0 else "", abs(fen)
    return f"{sign}{fen // 100:,}.{fen % 100:02}"
