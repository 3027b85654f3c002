"""Ids that browsers send go into addresses of other services: none of them leads to another route."""

import pytest

from services.console.asking import Answered, as_meant, segment

LEADING_ELSEWHERE = [
    "..", ".", "", "%2e%2e", "%2E.", "..%2Fsettings", "a%2Fb", "..%2Fsettings%2Frecipients?x=", "a?role=lead", "a#b",
]  # fmt: skip


@pytest.mark.parametrize("id_", LEADING_ELSEWHERE)
def test_an_id_that_leads_elsewhere_is_nothing_that_there_is(id_: str) -> None:
    with pytest.raises(Answered) as refused:
        as_meant(f"/cases/{id_}/export")
    assert refused.value.status == 404


@pytest.mark.parametrize("id_", ["20261122-0001", "staff:wang.fang", "H62010200001", "医保目录", "100%", "a b&c=d"])
def test_other_ids_are_left_alone(id_: str) -> None:
    assert as_meant(f"/cases/{id_}/export") == f"/cases/{id_}/export"
    assert as_meant(f"/cases/{segment(id_)}/export")


@pytest.mark.parametrize("typed", ["x/../../cases", "x/close?", "../y"])
def test_what_was_typed_into_a_form_is_one_part_of_the_path(typed: str) -> None:
    with pytest.raises(Answered):
        as_meant(f"/directory/unknown/{segment(typed)}/assign")
