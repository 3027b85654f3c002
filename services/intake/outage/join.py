"""A case joins an outage: it keeps its own clocks, its own answers and its own end."""

from msgspec.structs import replace

from chassis.message import Moment
from contracts.case import CaseCommand
from contracts.casework import CaseJoinedOutage, JoinOutage
from services.intake.desk import Handler, about
from services.intake.model import Case
from services.intake.opening import Folded


def _join(case: Case, moment: Moment, command: JoinOutage) -> Folded:
    if case.outage == command.outage_id:
        return case, ()
    facts = {"outage_id": command.outage_id, "outage_number": command.outage_number}
    joined = moment.event(CaseJoinedOutage, **facts, **about(case, moment))
    return replace(case, outage=command.outage_id), [joined]


HANDLERS: dict[type[CaseCommand], Handler] = {JoinOutage: _join}
