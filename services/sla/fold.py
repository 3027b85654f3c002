"""The pure core of sla: facts of a case come in any order, the clocks follow, differences are said."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec.structs import replace

from chassis.message import Moment
from chassis.outgoing import Timer
from contracts.case import CaseAssigned, CaseEscalated, CaseEvent, CaseOpened, CaseWaiting
from contracts.envelope import SYSTEM, Event
from contracts.sla import (
    ClockEvent,
    SlaBreached,
    SlaMet,
    SlaPaused,
    SlaResumed,
    SlaStarted,
    SlaStopped,
    SlaWarned,
    TimerDue,
)
from services.sla.clock import ClockState, Fact, clocks
from services.sla.policy import Policy, choose


class CaseClocks(msgspec.Struct, frozen=True):
    """The clocks of one case; `next_at` is when a timer has to wake us, for the sweep to look for."""

    case_id: UUID
    number: str = ""
    institution_code: str | None = None
    priority: str = "normal"
    assignee: str | None = None
    policy: str | None = None
    facts: tuple[Fact, ...] = ()
    seen_at: datetime | None = None
    clocks: tuple[ClockState, ...] = ()
    next_at: datetime | None = None


class SlaFold:
    """Folds with a set of policies; calling it twice with the same arguments gives the same answer."""

    def __init__(self, policies: Sequence[Policy]) -> None:
        self._policies = policies

    def __call__(self, state: CaseClocks | None, moment: Moment) -> tuple[CaseClocks, Sequence[Event]]:
        before = state or CaseClocks(moment.aggregate_id)
        after = _learn(before, moment)
        if after is before:
            return before, ()
        if after.facts and after.facts[0].type == "opened":
            policy = choose(self._policies, after.institution_code, after.priority)
            computed = clocks(policy, after.facts, after.seen_at)
            times = [t[1] for c in computed if (t := c.next_threshold)]
            after = replace(after, policy=policy.name, clocks=computed, next_at=min(times, default=None))
        return after, list(_differences(before, after, moment))


def timers(state: CaseClocks) -> list[Timer]:
    """One timer per running clock, for its next threshold."""
    return [
        Timer(
            "sla",
            f"{state.case_id}.{c.clock}",
            threshold[1],
            TimerDue(case_id=state.case_id, clock=c.clock, cycle=c.cycle, threshold=threshold[0], at=threshold[1]),
        )
        for c in state.clocks
        if (threshold := c.next_threshold)
    ]


def _learn(state: CaseClocks, moment: Moment) -> CaseClocks:
    """Add what the message tells; the very same state when it tells nothing new."""
    body = moment.message.body
    if isinstance(body, TimerDue):
        # The broker's word that the time has come counts, even where our clock runs a little behind.
        return _look(state, max(moment.now, body.at))
    assert isinstance(body, CaseEvent)
    fact = Fact(body.version, body.type.removeprefix("case."), body.occurred_at, _who(body))  # type: ignore[arg-type]
    if any(known.version == fact.version for known in state.facts):
        return state
    facts = tuple(sorted((*state.facts, fact)))
    assignee = next((f.who for f in reversed(facts) if f.type in ("assigned", "opened")), None)
    state = replace(state, number=body.number, facts=facts, assignee=assignee)
    if isinstance(body, CaseOpened):
        return replace(state, institution_code=body.institution_code, priority=body.priority)
    return state


def _look(state: CaseClocks, now: datetime) -> CaseClocks:
    if state.next_at is None or now < state.next_at or (state.seen_at and now <= state.seen_at):
        return state
    return replace(state, seen_at=now)


def _who(event: CaseEvent) -> str | None:
    match event:
        case CaseAssigned() | CaseOpened():
            return event.assignee
        case CaseWaiting():
            return event.waiting_for
        case CaseEscalated():
            return event.to
    return None


def _differences(before: CaseClocks, after: CaseClocks, moment: Moment) -> Iterator[Event]:
    known = {(c.clock, c.cycle): c for c in before.clocks}
    for clock in after.clocks:
        yield from _said(known.get((clock.clock, clock.cycle)), clock, after, moment)


def _said(was: ClockState | None, now: ClockState, case: CaseClocks, moment: Moment) -> Iterator[ClockEvent]:
    facts = {
        "case_id": case.case_id,
        "number": case.number,
        "clock": now.clock,
        "cycle": now.cycle,
        "due_at": now.due_at,
        "assignee": case.assignee,
        "institution_code": case.institution_code,
        "priority": case.priority,
        "actor": SYSTEM,
    }
    if was is None:
        started = {**facts, "policy": case.policy, "warn_at": now.warn_at, "occurred_at": now.started_at}
        yield moment.event(SlaStarted, **started)
    if now.breached and not (was and was.breached):
        yield moment.event(SlaBreached, late_ms=_late(now.due_at, moment), **facts)
    elif now.warned and not (was and was.warned):
        yield moment.event(SlaWarned, late_ms=_late(now.warn_at, moment), **facts)
    if now.state == (was.state if was else "running"):
        return
    match now.state:
        case "met":
            yield moment.event(SlaMet, in_time=not now.breached, **facts)
        case "stopped":
            yield moment.event(SlaStopped, **facts)
        case "paused":
            yield moment.event(SlaPaused, reason=now.reason or "", **facts)
        case "running":
            yield moment.event(SlaResumed, **facts)


def _late(threshold: datetime, moment: Moment) -> int:
    return max(0, round((moment.now - threshold).total_seconds() * 1000))
