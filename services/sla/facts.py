"""What an event of a case tells its clocks."""

from datetime import datetime

from msgspec.structs import replace

from contracts.case import CaseAssigned, CaseEscalated, CaseEvent, CaseOpened, CaseWaiting
from contracts.casework import CaseCategorised, CaseKindSet
from contracts.directory import CaseIdentified
from services.sla.contracts import Contracts
from services.sla.cycle import Fact
from services.sla.model import CaseClocks
from services.sla.policy import About


def learned(case: CaseClocks, event: CaseEvent, contracts: Contracts) -> CaseClocks:
    """The case with one fact more; the very same when it knew it already."""
    if any(known.version == event.version for known in case.facts):
        return case
    opened_at = next((known.at for known in case.facts if known.type == "opened"), event.occurred_at)
    fact = fact_of(event, contracts, opened_at)
    facts = tuple(sorted((*case.facts, fact), key=lambda known: known.version))
    assignee = next((f.who for f in reversed(facts) if f.type in ("assigned", "opened")), None)
    asked_from = next((f.asked_from for f in reversed(facts) if f.asked_from), None)
    return replace(case, number=event.number, facts=facts, assignee=assignee, asked_from=asked_from)


def fact_of(event: CaseEvent, contracts: Contracts, opened_at: datetime) -> Fact:
    """The fact; who is served under which contract is kept with it, for the directory may say something else later.

    A case belongs to the contract of the day on which it was opened, whenever it becomes known who asked.
    """
    type_, at = event.type.removeprefix("case."), event.occurred_at
    match event:
        case CaseOpened():
            served = contracts.serving(event.institution_code, at, event.recorded_at) or (None, None)
            known = About(event.kind, event.category, event.priority, event.channel, event.institution_code, *served)
            return Fact(event.version, "opened", at, event.assignee, about=known, asked_from=event.asked_from)
        case CaseAssigned():
            return Fact(event.version, "assigned", at, event.assignee)
        case CaseWaiting():
            return Fact(event.version, "waiting", at, event.waiting_for, event.reason)
        case CaseEscalated():
            return Fact(event.version, "escalated", at, event.to, event.reason)
        case CaseCategorised():
            return Fact(event.version, "categorised", at, about=About(category=event.category, priority=event.priority))
        case CaseKindSet():
            return Fact(event.version, "kind_set", at, about=About(kind=event.kind))
        case CaseIdentified():
            contract, promised = contracts.serving(event.institution_code, opened_at, event.recorded_at) or (None, None)
            known = About(institution=event.institution_code, contract=contract, promised=promised)
            return Fact(event.version, "identified", at, about=known, asked_from=event.asked_from)
    return Fact(event.version, type_, at)  # type: ignore[arg-type]
