"""A case learns who asked: the directory's contact, and the institution where it was open until now."""

from msgspec.structs import replace

from chassis.errors import Refused
from chassis.message import Moment
from contracts.case import CaseCommand
from contracts.directory import CaseIdentified, IdentifyRequester
from services.intake.desk import Handler, about
from services.intake.model import Case
from services.intake.opening import Folded


def _identify(case: Case, moment: Moment, command: IdentifyRequester) -> Folded:
    """What the text itself said about the institution counts more than whom the sender belongs to."""
    code = case.institution_code or command.institution_code
    asked_from = command.institution_code or case.asked_from
    if (case.contact, case.institution_code, case.asked_from) == (command.contact, code, asked_from):
        raise Refused("known", "工单已登记为这位联系人: 无需再次确认")
    known = {"contact": command.contact, "institution_code": code, "asked_from": asked_from}
    return replace(case, **known), [moment.event(CaseIdentified, **known, **about(case, moment))]


HANDLERS: dict[type[CaseCommand], Handler] = {IdentifyRequester: _identify}
