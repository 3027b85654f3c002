"""The inbox's rows and its settings form."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.console.pages.inbox.view import address, asked, quiet_of, ruled, shown, wishes

ALERT: dict[str, Any] = {
    "alert_id": "a1", "urgency": "urgent", "read_by": [], "acknowledged_by": None, "settled_at": None, "case_id": None,
    "obligation_id": None, "outage_id": None,
}  # fmt: skip
HAD: dict[str, Any] = {
    "endpoints": [{"provider": "sms", "at_least": "low"}, {"provider": "mail", "at_least": "high"}],
    "subscriptions": [{"rules": ["breach"], "at_least": "low", "labels": []}],
}


def test_an_alert_is_new_to_who_has_not_read_it_while_nobody_has_it() -> None:
    assert shown(ALERT, "wang")["unread"]
    assert not shown({**ALERT, "read_by": ["wang"]}, "wang")["unread"]
    assert shown({**ALERT, "read_by": ["li"]}, "wang")["unread"]
    for done in ({"acknowledged_by": "li"}, {"settled_at": "2026-11-22T01:00:00Z"}):
        row = shown({**ALERT, **done}, "wang")
        assert (row["unread"], row["done"]) == (False, True)


@pytest.mark.parametrize(
    ("facts", "about"),
    [({"case_id": "c"}, "/cases/c"), ({"obligation_id": "o"}, "/obligations/o"), ({"outage_id": "x"}, "/outages/x")],
)
def test_an_alert_leads_to_what_it_is_about(facts: dict[str, str], about: str) -> None:
    assert shown({**ALERT, **facts}, "wang")["about"][0] == about
    assert shown(ALERT, "wang")["about"] is None


def test_views_become_queries_and_addresses() -> None:
    assert asked("unread")["unread"] == "true"
    assert asked("nonsense") == {"limit": 50, "before": ""}
    assert (address(""), address("open", "a1")) == ("/inbox", "/inbox?view=open&before=a1")


def test_a_rule_is_named_without_what_is_filled_in() -> None:
    rule = {
        "name": "new_case",
        "saved": None,
        "packaged": {"title": "新工单 {{ event.number }} 〔{{ event.category }}〕"},
    }
    assert ruled(rule) == "新工单…〔…〕 (new_case)"


def test_endpoints_are_kept_in_the_order_of_their_numbers_and_dropped_without_one() -> None:
    form = {"order-sms": "2", "order-mail": "1", "least-mail": "urgent", "provider": "wecom", "address": "wang"}
    assert wishes(form, HAD)["endpoints"] == [
        {"provider": "mail", "at_least": "urgent"}, {"provider": "sms", "at_least": "low"},
        {"provider": "wecom", "address": "wang", "at_least": "low"},
    ]  # fmt: skip
    assert wishes({"order-sms": "", "order-mail": "1"}, HAD)["endpoints"] == [{"provider": "mail", "at_least": "high"}]


@pytest.mark.parametrize("odd", ["²", "soon", "9" * 5_000, "-1"])
def test_what_is_no_number_is_none(odd: str) -> None:
    told = wishes({"at_most": odd, "order-sms": odd, "order-mail": "1"}, HAD)
    assert told["at_most"] is None and [one["provider"] for one in told["endpoints"]] == ["sms", "mail"]
    assert wishes({"at_most": "１２"}, HAD)["at_most"] == 12


def test_subscriptions_are_kept_while_ticked_and_added() -> None:
    assert wishes({}, HAD)["subscriptions"] == []
    told = wishes({"keep-0": "1", "rules": ["new_case"], "least": "high"}, HAD)["subscriptions"]
    assert [one["rules"] for one in told] == [["breach"], ["new_case"]]


@given(st.sampled_from([None, "22:00"]), st.sampled_from([None, "desk"]))
def test_quiet_hours_of_a_form_are_those_that_were_set(begins: str | None, calendar: str | None) -> None:
    hours = {"begins": begins, "ends": "07:00" if begins else None, "calendar": calendar or ""}
    mine = {"quiet": hours if begins or calendar else None}
    told = wishes(quiet_of(mine), HAD)["quiet"]
    assert (told or {}).get("begins") == begins and (told or {}).get("calendar") == calendar
