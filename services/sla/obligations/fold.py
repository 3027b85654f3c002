"""The pure core of obligations: plans, words of staff and hints in any order; differences are said."""

from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from chassis.errors import NotFound
from chassis.message import Moment
from chassis.outgoing import Timer
from contracts.envelope import Event
from contracts.obligation import (
    AcknowledgeObligation,
    AttachEvidence,
    FulfilObligation,
    ObligationCommand,
    ObligationDue,
    ObligationPlan,
    OpenObligation,
    ReopenObligation,
    ReportObligationProgress,
    WaiveObligation,
)
from services.sla.obligations.deriving import derived, looked
from services.sla.obligations.model import Occurrence, Plan
from services.sla.obligations.saying import differences, opened
from services.sla.obligations.words import acknowledge, attach, fulfil, reopen, report, waive

Said = tuple[Occurrence, Sequence[Event]]

_ENVELOPE: Final = 200  # bytes that an event takes beside its facts, and those of the id of what caused it

WORDS: Final[dict[type[ObligationCommand], Callable[[Occurrence, Moment, Any], Said]]] = {
    ReportObligationProgress: report,
    AttachEvidence: attach,
    FulfilObligation: fulfil,
    WaiveObligation: waive,
    ReopenObligation: reopen,
    AcknowledgeObligation: acknowledge,
}


def fold(state: Occurrence | None, moment: Moment) -> Said:
    """Raises NotFound for what is not there, Refused for what cannot be done now."""
    body = moment.message.body
    if isinstance(body, OpenObligation):
        return _plan(state, moment, body)
    if isinstance(body, ObligationDue):
        if state is None:
            return state, ()  # type: ignore[return-value]  # nothing to keep
        # The broker's word that the time has come counts, even where our clock runs a little behind.
        after = looked(state, max(moment.now, body.at))
        return _differing(state, after, (), moment) if after is not state else (state, ())
    assert isinstance(body, ObligationCommand)
    if state is None:
        raise NotFound("not_found", f"没有这项义务 {body.obligation_id}: 请从 GET /obligations 中选择")
    after, said = WORDS[type(body)](state, moment, body)
    return _differing(state, after, said, moment)


def _differing(before: Occurrence, after: Occurrence, said: Sequence[Event], moment: Moment) -> Said:
    after = derived(after)
    events = [*said, *differences(before, after, moment)]
    bytes_ = _ENVELOPE + sum(_ENVELOPE + len(event.model_dump_json().encode()) for event in events)
    return replace(after, spent=after.spent + bytes_), events


def _plan(state: Occurrence | None, moment: Moment, command: OpenObligation) -> Said:
    """The latest plan counts; what lies before the first one is nobody's fault and is not told."""
    plan, at = plan_of(command.plan), command.occurred_at
    if state is None:
        first = derived(Occurrence(command.obligation_id, plan, planned_at=at, seen_at=at))
        return first, [opened(first, moment)]
    if (at, msgspec.json.encode(plan)) <= (state.planned_at, msgspec.json.encode(state.plan)):
        return state, ()
    after = replace(state, plan=plan, planned_at=at, seen_at=max(state.seen_at, at))
    # Of a deadline that was moved into the past nobody is told afterwards, as of one that nobody knew before.
    before = replace(state, seen_at=after.seen_at, overdue=True) if plan.belated else state
    return _differing(before, after, (), moment)


def plan_of(plan: ObligationPlan) -> Plan:
    """As the document keeps it."""
    return msgspec.convert(plan.model_dump(), Plan)


def timers(o: Occurrence) -> list[Timer]:
    """One for the next moment; a later one of the same occurrence replaces it."""
    if o.next_at is None:
        return []
    due = ObligationDue(obligation_id=o.obligation_id, threshold=o.next_label, at=o.next_at)
    return [Timer("obligation", str(o.obligation_id), o.next_at, due)]
