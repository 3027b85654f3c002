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
    if (case.contact, case.institution_code) == (command.contact, code):
        raise Refused("known", "工单已登记为这位联系人: 无需再次确认")
    identified = moment.event(CaseIdentified, contact=command.contact, institution_code=code, **about(case, moment))
    return replace(case, contact=command.contact, institution_code=code), [identified]


HANDLERS: dict[type[CaseCommand], Handler] = {IdentifyRequester: _identify}
