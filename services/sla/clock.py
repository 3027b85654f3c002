"""Clocks as a pure function of facts: what happened to a case, and until when somebody has looked.

The facts are a set ordered by the case's version, so the same facts give the same clocks in whatever order they
came. `seen_at` is the latest moment at which a timer made us look: thresholds before it have been reached.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Literal

import msgspec
from msgspec.structs import replace

from contracts.sla import Clock
from services.sla.policy import Policy, Promise

FactType = Literal[
    "opened",
    "message_added",
    "assigned",
    "responded",
    "waiting",
    "escalated",
    "resolved",
    "closed",
    "reopened",
    "resumed",
]
_STARTS = {"opened", "reopened"}
_FULFILS: dict[Clock, set[str]] = {"first_response": {"responded"}, "resolution": {"resolved"}}
_RESUMES = {"message_added", "responded", "assigned", "reopened", "resumed"}


class Fact(msgspec.Struct, frozen=True, order=True):
    """One event of the case; `who` is the assignee (of a new case too), or who owes the next step."""

    version: int
    type: FactType
    at: datetime
    who: str | None = None


class ClockState(msgspec.Struct, frozen=True):
    """One cycle of one clock. `state` is what it does; `warned` and `breached` are what it reached."""

    clock: Clock
    cycle: int
    started_at: datetime
    warn_at: datetime
    due_at: datetime
    state: Literal["running", "paused", "met", "stopped"] = "running"
    ended_at: datetime | None = None
    paused_at: datetime | None = None
    reason: str | None = None
    warned: bool = False
    breached: bool = False

    @property
    def next_threshold(self) -> tuple[Literal["warn", "breach"], datetime] | None:
        """What a timer has to wake us for."""
        if self.state != "running" or self.breached:
            return None
        return ("breach", self.due_at) if self.warned else ("warn", self.warn_at)


def clocks(policy: Policy, facts: Sequence[Fact], seen_at: datetime | None) -> tuple[ClockState, ...]:
    """Every cycle of every clock that `policy` promises; `facts` in order of version."""
    return tuple(
        _reached(state, seen_at) for clock, promise in policy.promises.items() for state in _run(clock, promise, facts)
    )


def _run(clock: Clock, promise: Promise, facts: Iterable[Fact]) -> list[ClockState]:
    cycles: list[ClockState] = []
    for fact in facts:
        now = cycles[-1] if cycles and cycles[-1].ended_at is None else None
        if now is None:
            if fact.type in _STARTS:
                at = fact.at
                cycles.append(ClockState(clock, len(cycles) + 1, at, at + promise.until_warning, at + promise.within))
            continue
        cycles[-1] = _step(now, fact)
    return cycles


def _step(now: ClockState, fact: Fact) -> ClockState:
    if now.paused_at is not None and (fact.type in _RESUMES or fact.type in _FULFILS[now.clock]):
        now = _resume(now, fact.at)
    if fact.type in _FULFILS[now.clock]:
        return replace(now, state="met", ended_at=fact.at)
    if fact.type == "closed":
        return replace(now, state="stopped", ended_at=fact.at)
    if fact.type in ("waiting", "escalated") and now.clock == "resolution" and now.paused_at is None:
        return replace(now, state="paused", paused_at=fact.at, reason=fact.who)
    return now


def _resume(now: ClockState, at: datetime) -> ClockState:
    assert now.paused_at is not None
    gone = max(at - now.paused_at, timedelta(0))
    return replace(
        now, state="running", paused_at=None, reason=None, warn_at=now.warn_at + gone, due_at=now.due_at + gone
    )


def _reached(state: ClockState, seen_at: datetime | None) -> ClockState:
    until = state.ended_at or state.paused_at or seen_at
    if until is None or until < state.warn_at:
        return state
    return replace(state, warned=True, breached=until >= state.due_at)
