"""What open pages are told: nothing to anybody that a page would not show him."""

import pytest

from chassis.token import Principal
from services.console.live.hint import Hint, ended, told_to

CASE, OTHER = "11111111-1111-1111-1111-111111111111", "22222222-2222-2222-2222-222222222222"
ENGINEER = Principal("wang", "engineer")
HOSPITAL = Principal("one", "hospital", institutions=("H1",))
DISTRICT = Principal("li", "officer", districts=("620102",))


def test_the_desk_hears_everything() -> None:
    for hint in (Hint("case", CASE), Hint("presence", CASE, "looking:李"), Hint("notify", OTHER)):
        assert told_to(ENGINEER, hint, "") == hint


def test_a_hospital_hears_of_the_case_that_it_looks_at_and_of_no_other() -> None:
    assert told_to(HOSPITAL, Hint("case", CASE), CASE) == Hint("case", CASE)
    assert told_to(HOSPITAL, Hint("case", OTHER), CASE) is None
    assert told_to(HOSPITAL, Hint("case", ""), "") is None
    assert told_to(HOSPITAL, Hint("presence", CASE, "looking:李"), CASE) is None
    assert told_to(HOSPITAL, Hint("stats", OTHER), CASE) is None


def test_whose_alert_it_is_nobody_learns_who_does_not_read_all() -> None:
    assert told_to(HOSPITAL, Hint("notify", OTHER), "") == Hint("notify")
    assert told_to(Principal("z", "ops"), Hint("notify", OTHER), "") == Hint("notify")


def test_an_officer_with_districts_learns_of_other_cases_that_there_was_something() -> None:
    assert told_to(DISTRICT, Hint("case", OTHER), CASE) == Hint("case")
    assert told_to(DISTRICT, Hint("sla", CASE), CASE) == Hint("sla", CASE)
    assert told_to(DISTRICT, Hint("presence", OTHER, "typing:李"), CASE) is None
    assert told_to(Principal("li", "officer"), Hint("case", OTHER), "") == Hint("case", OTHER)


@pytest.mark.parametrize(("act", "account"), [("signed_out", "wang"), ("rights_changed", "wang"), ("revealed", "")])
def test_a_note_says_whose_session_may_be_over(act: str, account: str) -> None:
    assert ended(f'{{"act":"{act}","object":"wang"}}'.encode()) == account
