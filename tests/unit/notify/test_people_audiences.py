"""Whom an audience means: whose inbox shows an alert, whose telephone rings for it."""

from datetime import timedelta

import pytest

from contracts.directory import Contact, ServiceContract
from contracts.setting import Recipient
from tests.support.make import NOON
from tests.unit.notify.people import FIRST, SECOND, THIRD, entry, gone, on_duty, people, setting, staff

STAFF = (
    entry(staff("a", place="resident", skills=("结算支付",))),
    entry(staff("b", place="resident")),
    entry(staff("c", place="remote", skills=("结算支付",), lead=True)),
)
CONTRACT = ServiceContract(
    id="k", name="合同", institution_codes=(FIRST, SECOND), begins="2026-01-01", ends="2026-11-22"
)


@pytest.mark.parametrize("word", ["desk", "lead", "contact", "staff:a", "contact:x", f"institution:{FIRST}", "night"])
def test_a_group_or_a_person_has_an_inbox_of_its_own(word: str) -> None:
    assert people(*STAFF).inboxes(word, NOON) == (word,)


def test_a_role_of_the_roster_is_whoever_is_there_now() -> None:
    picture = people(*STAFF, on_duty("a"), on_duty("b"), on_duty("c"))
    assert picture.inboxes("resident", NOON) == ("staff:a", "staff:b")
    assert picture.inboxes("remote", NOON) == ("staff:c",)
    assert picture.inboxes("resident", NOON, besides="a") == ("staff:b",), "whose turn it was already"
    assert picture.reached("resident", NOON) == ("staff:a", "staff:b")


def test_where_nobody_is_on_duty_the_desk_is_told_by_its_own_endpoints_only() -> None:
    picture = people(*STAFF, on_duty("a"))
    later = NOON + timedelta(hours=3)
    assert picture.inboxes("resident", later) == ("desk",)
    assert picture.reached("resident", later) == (), "a desk without a robot: nobody's telephone rings"
    picture = people(*STAFF, setting(Recipient(key="desk")))
    assert picture.reached("resident", later) == ("desk",)


def test_experts_are_those_on_duty_who_have_the_skill() -> None:
    picture = people(*STAFF, on_duty("a"), on_duty("b"))
    assert picture.inboxes("experts:结算支付", NOON) == ("staff:a",)
    assert picture.reached("experts:结算支付", NOON) == ("staff:a",)


def test_where_no_expert_is_on_duty_all_of_them_are_told() -> None:
    picture = people(*STAFF, on_duty("b"))
    assert picture.inboxes("experts:结算支付", NOON) == ("staff:a", "staff:c")
    assert picture.inboxes("experts:目录对照", NOON) == ("desk",), "and the desk where there is none"


def test_leads_are_one_inbox_and_each_is_reached() -> None:
    picture = people(*STAFF, setting(Recipient(key="lead")))
    assert picture.inboxes("lead", NOON) == ("lead",)
    assert picture.reached("lead", NOON) == ("lead", "staff:c")


def test_an_institution_is_reached_by_its_contacts_and_its_own_endpoints() -> None:
    contacts = [
        entry(Contact(id=id_, institution_code=code)) for id_, code in (("x", FIRST), ("y", FIRST), ("z", SECOND))
    ]
    picture = people(*contacts)
    assert picture.reached(f"institution:{FIRST}", NOON) == ("contact:x", "contact:y")
    picture = people(*contacts, setting(Recipient(key=f"institution:{FIRST}")), gone("contact", "x", 2))
    assert picture.reached(f"institution:{FIRST}", NOON) == (f"institution:{FIRST}", "contact:y")


def test_a_contact_who_moves_belongs_to_the_new_institution_only() -> None:
    picture = people(
        entry(Contact(id="x", institution_code=FIRST)), entry(Contact(id="x", institution_code=SECOND), version=2)
    )
    assert picture.reached(f"institution:{FIRST}", NOON) == ()
    assert picture.reached(f"institution:{SECOND}", NOON) == ("contact:x",)


def test_a_contract_means_all_its_institutions_while_it_holds() -> None:
    picture = people(entry(CONTRACT), entry(Contact(id="z", institution_code=SECOND)))
    both = (f"institution:{FIRST}", f"institution:{SECOND}")
    assert picture.inboxes(f"contract:{FIRST}", NOON) == both
    assert picture.reached(f"contract:{FIRST}", NOON) == ("contact:z",)
    day_after = NOON + timedelta(hours=12)  # midnight in Beijing
    assert picture.inboxes(f"contract:{FIRST}", day_after) == (f"institution:{FIRST}",), "it has ended"
    assert picture.inboxes(f"contract:{THIRD}", NOON) == (f"institution:{THIRD}",), "it is in none"


def test_an_unknown_group_rings_nowhere_and_keeps_its_inbox() -> None:
    assert people().reached("night", NOON) == ()
    assert people(setting(Recipient(key="night"))).reached("night", NOON) == ("night",)


def test_what_is_older_than_what_is_known_changes_nothing() -> None:
    picture = people(entry(staff("a", lead=True), version=2), gone("staff", "a", 1))
    assert picture.reached("lead", NOON) == ("staff:a",)
    picture.hear(gone("staff", "a", 3))
    assert picture.reached("lead", NOON) == ()


def test_a_forgotten_picture_is_empty() -> None:
    picture = people(*STAFF, on_duty("a"), setting(Recipient(key="desk")))
    picture.forget()
    picture.wishes.forget()
    assert picture.inboxes("resident", NOON) == ("desk",)
    assert picture.reached("desk", NOON) == ()


def test_a_recipient_is_called_as_they_set_else_as_the_directory_has_it() -> None:
    picture = people(*STAFF, setting(Recipient(key="staff:a", name="小安")), setting(Recipient(key="night")))
    assert [picture.name(key) for key in ("staff:a", "staff:b", "night")] == ["小安", "工程师b", "night"]
