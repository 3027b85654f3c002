"""What is said when the clocks of a case are others than before: each thing once."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from chassis.message import Moment
from contracts.envelope import SYSTEM
from contracts.sla import (
    ClockEvent,
    SlaBreached,
    SlaEscalated,
    SlaMet,
    SlaPaused,
    SlaRebound,
    SlaResumed,
    SlaStarted,
    SlaStopped,
    SlaWarned,
)
from services.sla.clock import ClockState, Reached
from services.sla.model import CaseClocks
from services.sla.threshold import DUE


def differences(before: CaseClocks, after: CaseClocks, moment: Moment) -> Iterator[ClockEvent]:
    known = {(c.clock, c.cycle): c for c in before.clocks}
    for clock in after.clocks:
        was = known.pop((clock.clock, clock.cycle), None)
        yield from _said(was, clock, after, moment)
    for gone in known.values():  # nothing is promised any more
        if gone.ended_at is None:
            yield moment.event(SlaStopped, **about(after, gone))


def about(case: CaseClocks, clock: ClockState) -> dict[str, Any]:
    """What every event about a clock says."""
    return {
        "case_id": case.case_id,
        "number": case.number,
        "clock": clock.clock,
        "cycle": clock.cycle,
        "due_at": clock.due_at,
        "assignee": case.assignee,
        "institution_code": case.institution,
        "priority": case.priority,
        "actor": SYSTEM,
    }


def _said(was: ClockState | None, now: ClockState, case: CaseClocks, moment: Moment) -> Iterator[ClockEvent]:
    facts = about(case, now)
    promise = {"policy": now.policy, "book": now.book, "calendar": now.calendar}
    if was is None:
        started = {**facts, **promise, "warn_at": now.warn_at, "occurred_at": now.started_at}
        yield moment.trusted_event(SlaStarted, started)  # two for every case
    elif (was.policy, was.within_s, was.calendar) != (now.policy, now.within_s, now.calendar):
        yield moment.event(SlaRebound, due_before=was.due_at, **promise, **facts)
    yield from _reached(was, now, moment, facts)
    if now.state == (was.state if was else "running"):
        return
    match now.state:
        case "met":
            yield moment.event(SlaMet, in_time=not now.breached, **facts)
        case "stopped":
            yield moment.event(SlaStopped, **facts)
        case "paused":
            last = now.segments[-1]
            yield moment.event(SlaPaused, reason=last.reason, owes=last.owes, **facts)
        case "running":
            yield moment.event(SlaResumed, **facts)


def _reached(was: ClockState | None, now: ClockState, moment: Moment, facts: dict[str, Any]) -> Iterator[ClockEvent]:
    """Of several thresholds that were reached since somebody looked only the last is said, and the deadline always."""
    known = {r.label for r in was.reached} if was else set()
    news = [r for r in now.reached if r.label not in known]
    if not news:
        return
    breach = next((r for r in news if r.label == DUE), None)
    if breach is not None:
        yield moment.event(SlaBreached, **_told(breach, now, moment), **facts)
    last = news[-1]
    if now.ended_at is None and not now.acknowledged and now.breached == last.label.startswith("+"):
        type_ = SlaEscalated if now.breached else SlaWarned
        yield moment.event(type_, **_told(last, now, moment), **facts)


def _told(reached: Reached, clock: ClockState, moment: Moment) -> dict[str, Any]:
    targets = () if clock.acknowledged else reached.tell
    return {"threshold": reached.label, "targets": targets, "late_ms": _late(reached.at, moment.now)}


def _late(threshold: datetime, now: datetime) -> int:
    return max(0, round((now - threshold).total_seconds() * 1000))
