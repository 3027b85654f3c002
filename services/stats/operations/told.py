"""What is read of an event, whatever its stream: ids, codes and times. Texts and names are never decoded.

One struct for all events: fields that an event does not have are left as they are here.
"""

from collections.abc import Iterable
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from operator import attrgetter
from typing import Any, NamedTuple, Protocol, TypeVar

import msgspec

from chassis.zone import BEIJING

_CENT = Decimal("0.01")


class By(msgspec.Struct, frozen=True):
    kind: str = ""
    id: str = ""


class Offered(msgspec.Struct, frozen=True):
    """An entry of a suggestion."""

    article_id: str
    kind: str = "article"


class Planned(msgspec.Struct, frozen=True):
    """What of an obligation's plan decides when an item is done."""

    items: tuple[Any, ...] = ()
    by_progress: bool = False
    least: int = 0


class Used(msgspec.Struct, frozen=True):
    accepted: int = 0
    edited: int = 0
    rejected: int = 0
    helpful: int = 0
    unhelpful: int = 0
    views: int = 0


class Told(msgspec.Struct, frozen=True):
    """Any event of CASE, SLA, OBLIGATION, KNOWLEDGE or SUGGESTION."""

    type: str
    version: int
    occurred_at: datetime
    recorded_at: datetime
    actor: By = By()
    case_id: str = ""
    number: str = ""
    channel: str | None = None
    institution_code: str | None = None
    category: str | None = None
    category_by: str | None = None
    by: str | None = None
    priority: str | None = None
    kind: str | None = None
    assignee: str | None = None
    to: str | None = None
    via: str | None = None
    merged: bool = False
    engineer: str | None = None
    phase: str | None = None
    transition: str | None = None
    fields: dict[str, str] = {}
    clock: str = ""
    cycle: int = 0
    policy: str | None = None
    due_at: datetime | None = None
    in_time: bool | None = None
    obligation_id: str = ""
    definition: str = ""
    holder: str = ""
    period: str = ""
    plan: Planned | None = None
    items: tuple[Any, ...] = ()
    item: str = ""
    article_id: str = ""
    state: str | None = None
    audience: str | None = None
    owner: str | None = None
    live_revision: int = 0
    sources: tuple[dict[str, Any], ...] = ()
    usage: Used | None = None
    helpful: bool | None = None
    views: int = 0
    verdict: str | None = None
    suggestions: tuple[Offered, ...] = ()


Row = dict[str, Any]


class Known(NamedTuple):
    """What of a case stands in rows of other tables, too."""

    category: str | None = None
    institution: str | None = None


NOTHING = Known()


class Said(Protocol):
    """Anything that an aggregate said."""

    @property
    def version(self) -> int: ...


S = TypeVar("S", bound=Said)


def in_order(said: Iterable[S]) -> list[S]:
    """By version, each once: the broker may keep an event twice."""
    return [*{one.version: one for one in sorted(said, key=attrgetter("version"))}.values()]


def local(at: datetime) -> datetime:
    """As the tables have it: the wall clock of Beijing to the second, without a zone."""
    return at.astimezone(BEIJING).replace(tzinfo=None, microsecond=0)


def minutes(since: datetime, until: datetime) -> Decimal:
    """From one to the other in minutes with two decimals; never less than nothing."""
    seconds = max(0, int((until - since).total_seconds()))
    return (Decimal(seconds) / 60).quantize(_CENT, ROUND_HALF_UP)


def district(institution: str | None) -> str | None:
    """The administrative division that an institution's code holds (its 2nd to 7th character)."""
    return institution[1:7] if institution and len(institution) == 12 else None
