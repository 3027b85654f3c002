"""A case learns who asked."""

import pytest

from chassis.errors import Refused
from chassis.message import Moment
from contracts.directory import IdentifyRequester
from contracts.envelope import Event
from services.intake.directory.identify import HANDLERS
from services.intake.model import Case
from tests.chassis.folding import heard
from tests.support.make import NOON, message
from tests.unit.intake.cases import desk, only, wish


def identified(institution: str | None, named: str | None) -> tuple[Case, list[Event]]:
    cases = desk()
    cases.hear(message(institution=institution))
    [id_] = cases.states
    command = wish(cases, IdentifyRequester, contact="wu", institution_code=named)
    moment = Moment(NOON, heard(command), id_, 1)
    case, said = HANDLERS[IdentifyRequester](only(cases), moment, command)
    with pytest.raises(Refused, match="无需再次确认"):
        HANDLERS[IdentifyRequester](case, moment, command)
    return case, [e for e in said if isinstance(e, Event)]


def test_the_contact_and_their_institution_become_the_cases() -> None:
    case, [said] = identified(None, "H62010290002")
    assert (case.contact, case.institution_code) == ("wu", "H62010290002")
    assert said.type == "case.identified"


def test_what_the_message_said_about_the_institution_counts_more() -> None:
    case, _ = identified("H62010290004", "H62010290002")
    assert (case.contact, case.institution_code) == ("wu", "H62010290004")
