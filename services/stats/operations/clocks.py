"""Cycles of the clocks (时限), from the SLA stream: what was promised, and what became of it.

Exemptions are not taken off: what counts by contract is `yibao attainment`, of which this is the daily picture.
"""

import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from services.stats.operations.told import NOTHING, Known, Row, Told, district, in_order, local, minutes

_CANARY = "canary"
_TYPES = frozenset(f"sla.{name}" for name in ("started", "rebound", "paused", "resumed", "breached", "met", "stopped"))
Key = tuple[str, str, int]


class Step(NamedTuple):
    """An event of a clock, as little of it as rows need."""

    version: int
    type: str
    at: datetime
    due_at: datetime | None
    in_time: bool | None
    policy: str | None
    institution: str | None
    assignee: str | None
    priority: str | None


class Clocks:
    """Hears events in any order, and twice."""

    def __init__(self) -> None:
        self._steps: dict[Key, list[Step]] = defaultdict(list)

    def hear(self, told: Told) -> None:
        if told.type in _TYPES and told.number != _CANARY:
            self._steps[told.case_id, sys.intern(told.clock), told.cycle].append(_step(told))

    def rows(self, cases: Mapping[str, Known]) -> Iterator[Row]:
        """Rows of desk_clock. `cases` by id: a cycle has the category of its case."""
        for key in sorted(self._steps):
            steps = in_order(self._steps[key])
            if steps[0].type == "sla.started":
                yield cycle(key, steps, cases.get(key[0], NOTHING))


def cycle(key: Key, steps: Sequence[Step], case: Known) -> Row:
    """A row of desk_clock."""
    first, last = steps[0], steps[-1]
    ended = last.type in ("sla.met", "sla.stopped")
    code = next((s.institution for s in reversed(steps) if s.institution), None)
    return {
        "case_id": key[0], "clock": key[1], "cycle": key[2], "outcome": outcome(steps),
        "policy": next((s.policy for s in reversed(steps) if s.policy), None),
        "fixmedins_code": code, "fix_blng_admdvs": district(code), "engineer": last.assignee, "priority": last.priority,
        "category": case.category, "started_at": first.at, "started_on": first.at.date(),
        "due_at": last.due_at, "ended_at": last.at if ended else None,
        "taken_min": minutes(first.at, last.at) if ended else None,
        "pause_cnt": sum(s.type == "sla.paused" for s in steps),
    }  # fmt: skip


def outcome(steps: Sequence[Step]) -> str:
    """`kept` and `late` count; `open` is not due yet, `void` ended before it was due without an answer."""
    last = steps[-1]
    if last.in_time is False or any(s.type == "sla.breached" for s in steps):
        return "late"
    return {"sla.met": "kept", "sla.stopped": "void"}.get(last.type, "open")


def _step(told: Told) -> Step:
    return Step(
        told.version, sys.intern(told.type), local(told.occurred_at), told.due_at and local(told.due_at), told.in_time,
        _one(told.policy), _one(told.institution_code), _one(told.assignee), _one(told.priority),
    )  # fmt: skip


def _one(text: str | None) -> str | None:
    return text and sys.intern(text)
