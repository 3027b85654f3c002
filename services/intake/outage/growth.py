"""How an outage begins and grows: with what detection sees, or with what a person adds."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from msgspec.structs import replace

from chassis.errors import Refused
from chassis.message import Moment
from chassis.personal.masking import mask
from contracts.casework import JoinOutage
from contracts.envelope import Command, Event
from contracts.outage import AddToOutage, OutageGrew, OutageSuggested, SuggestOutage
from services.intake.outage.model import MAX_CASES, Outage, outage_number_of

Folded = tuple[Outage, Sequence[Event | Command]]

_STATES: Final = {"suggested": "待确认", "confirmed": "已确认", "dismissed": "已排除", "resolved": "已恢复"}


def about(outage: Outage, moment: Moment) -> dict[str, Any]:
    """What every event says."""
    return {"outage_id": moment.aggregate_id, "number": outage.number, "occurred_at": moment.now}


def suggest(moment: Moment, command: SuggestOutage) -> Folded:
    """A new outage, to be confirmed or dismissed by a person."""
    outage = Outage(
        number=outage_number_of(moment.aggregate_id),
        title=mask(command.title),
        signature=mask(command.signature),
        infno=command.infno,
        error=mask(command.error) if command.error else None,
        cases=tuple(dict.fromkeys(command.case_ids)),
        institutions=tuple(dict.fromkeys(command.institutions)),
        state="suggested",
        suggested_at=moment.now,
        grown_at=moment.now,
    )
    suggested = moment.event(
        OutageSuggested,
        title=outage.title,
        signature=outage.signature,
        infno=outage.infno,
        error=outage.error,
        case_ids=outage.cases,
        institutions=outage.institutions,
        **about(outage, moment),
    )
    return outage, [suggested]


def grow(outage: Outage, moment: Moment, command: SuggestOutage | AddToOutage) -> Folded:
    """Cases that it has already change nothing, so the same observation may be made again and again."""
    room = MAX_CASES - len(outage.cases)
    new = tuple(i for i in dict.fromkeys(command.case_ids) if i not in outage.cases)[:room]
    if isinstance(command, AddToOutage):
        expect(outage, "suggested", "confirmed")
        if room <= 0 and command.actor.kind == "staff":
            raise Refused("full", f"一个群体故障最多 {MAX_CASES} 个工单: 请恢复后另建")
    if not new or outage.state not in ("suggested", "confirmed"):
        return outage, ()
    institutions = tuple(dict.fromkeys((*outage.institutions, *command.institutions)))
    grew = moment.event(OutageGrew, case_ids=new, institutions=institutions, **about(outage, moment))
    cases = (*outage.cases, *new)
    outage = replace(outage, cases=cases, institutions=institutions, grown_at=moment.now)
    return outage, [grew, *(joins(outage, moment, new) if outage.state == "confirmed" else ())]


def joins(outage: Outage, moment: Moment, cases: Sequence[UUID]) -> list[Command]:
    """A wish to each of `cases` to join."""
    facts = {"outage_id": moment.aggregate_id, "outage_number": outage.number}
    return [moment.command(JoinOutage, case_id=case, **facts) for case in cases]


def expect(outage: Outage, *states: str) -> None:
    """Raises Refused in any other state."""
    if outage.state not in states:
        wanted = "或".join(_STATES[s] for s in states)
        raise Refused("wrong_state", f"群体故障{_STATES[outage.state]}, 不能这样操作: 只有{wanted}的才可以")
