"""An event of a case, as little of it as rows need: what is kept of a million of them is held in memory."""

import sys
from datetime import datetime
from typing import NamedTuple

from services.stats.operations.told import Told, local

_KEPT = ("channel", "institution_code", "category", "category_by", "priority", "kind", "assignee", "to")
ACTS = frozenset(
    ("opened", "message_added", "assigned", "responded", "waiting", "escalated", "resolved", "closed", "reopened",
     "chased", "noted", "visited", "stepped", "categorised", "kind_set")
)  # fmt: skip
TYPES = ACTS | {"resumed", "identified", "messages_moved", "joined_outage"}
_WHERE_HELD = frozenset(("mode", "starts_at", "attendance", "satisfaction"))
What = tuple[tuple[str, str], ...]


class Fact(NamedTuple):
    """An event of a case, as little of it as rows need. `who` is the engineer whom it is counted for."""

    version: int
    type: str
    at: datetime
    who: str | None
    what: What = ()


def fact_of(told: Told, type_: str) -> Fact:
    """`type_` is the event's without `case.`."""
    return Fact(told.version, sys.intern(type_), local(told.occurred_at), _who(told, type_), _what(told, type_))


def _who(told: Told, type_: str) -> str | None:
    """The engineer: who did it, who is to do it, who drove there. Requesters are not kept."""
    if type_ in ("opened", "assigned"):
        return told.assignee and sys.intern(told.assignee)
    if type_ == "visited":
        return told.engineer and sys.intern(told.engineer)
    return sys.intern(told.actor.id) if told.actor.kind == "staff" else None


def _what(told: Told, type_: str) -> What:
    found = [(name, sys.intern(value)) for name in _KEPT if (value := getattr(told, name)) is not None]
    if type_ == "categorised" and told.by is not None:
        found.append(("category_by", sys.intern(told.by)))
    if type_ == "messages_moved" and told.merged:
        found.append(("merged", "1"))
    if type_ in ("responded", "visited"):
        found += [(name, sys.intern(value)) for name in ("via", "phase") if (value := getattr(told, name)) is not None]
    if type_ == "stepped":
        found += [(name, value) for name, value in told.fields.items() if name in _WHERE_HELD]
        found.append(("transition", sys.intern(told.transition or "")))
    return tuple(found)
