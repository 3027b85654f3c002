"""Lists of cases by their address: what is asked for, sorted, counted and narrowed."""

from urllib.parse import parse_qsl

from hypothesis import given
from hypothesis import strategies as st

from services.console.pages.cases import listed, words

NAMES = st.sampled_from([*listed.MANY, *listed.ONE, "sort", "cursor", "limit", "id"])
QUERIES = st.lists(st.tuples(NAMES, st.text(max_size=12)), max_size=12)


@given(QUERIES)
def test_an_address_leads_to_the_list_that_it_was_made_from(query: list[tuple[str, str]]) -> None:
    wanted = listed.asked(query)
    assert listed.asked(parse_qsl(listed.address(wanted))) == wanted


@given(QUERIES)
def test_only_what_lists_know_is_asked_of_intake(query: list[tuple[str, str]]) -> None:
    asked = listed.for_intake(listed.asked(query), "wang.fang")
    assert asked.keys() <= {*listed.MANY, *listed.ONE, "unassigned"}


def test_open_cases_are_those_of_four_states() -> None:
    assert listed.for_intake({"status": ["open"]}, "wang")["status"] == list(words.OPEN)
    assert listed.for_intake({"status": ["open", "resolved"]}, "wang")["status"] == [*words.OPEN, "resolved"]


def test_me_is_whoever_looks_and_nobody_is_no_assignee() -> None:
    assert listed.for_intake({"assignee": ["me", "li"]}, "wang") == {"assignee": ["wang", "li"]}
    assert listed.for_intake({"assignee": ["none"]}, "wang") == {"unassigned": True}


def test_cases_without_a_deadline_come_after_those_that_have_one() -> None:
    cases = [{"id": "a"}, {"id": "b"}, {"id": "c"}]
    clocks = [
        {"case_id": "c", "state": "running", "due_at": "2026-11-22T09:00:00Z"},
        {"case_id": "b", "state": "running", "due_at": "2026-11-22T10:00:00Z"},
        {"case_id": "c", "state": "running", "due_at": "2026-11-25T09:00:00Z"},
        {"case_id": "a", "state": "paused", "due_at": "2026-11-22T08:00:00Z"},
    ]
    rows = listed.rows(cases, clocks)
    assert [row["clock"] is None for row in rows] == [True, False, False]
    assert [row["id"] for row in listed.by_left(rows)] == ["c", "b", "a"]


def test_a_chip_leads_to_the_list_without_it() -> None:
    wanted = listed.asked([("status", "open"), ("category", "拨付"), ("category", "月结"), ("sort", "left")])
    chips = dict(listed.chips(wanted, {"status": {"open": "未结"}}))
    assert listed.asked(parse_qsl(chips["拨付"])) == {"status": ["open"], "category": ["月结"], "sort": ["left"]}
    assert set(chips) == {"未结", "拨付", "月结"}


def test_tabs_say_how_many_cases_they_have_where_that_is_known() -> None:
    figures = {"mine": 2, "unassigned": 3, "open": 9, "by_status": {"waiting": 1, "escalated": 4, "resolved": 5}}
    own = [listed.View("我的拨付", "category=x")]
    tabs = listed.tabs(listed.COMMON, own, "status=waiting", figures)
    assert [tab["count"] for tab in tabs] == [2, 3, 9, 1, 4, 5, None, None]
    assert [tab["title"] for tab in tabs if tab["here"]] == ["等待"]
    assert [tab["own"] for tab in tabs][-1]
    assert all(tab["count"] is None for tab in listed.tabs(listed.COMMON, (), "", None))


def test_the_addresses_of_common_lists_are_in_the_order_that_addresses_have() -> None:
    for view in (*listed.COMMON, *listed.OWN):
        assert listed.address(listed.asked(parse_qsl(view.key))) == view.key


def test_sla_is_asked_for_more_than_is_shown_where_it_does_not_know_what_narrows_a_list() -> None:
    def asked(*query: tuple[str, str]) -> dict[str, object]:
        return listed.for_sla(listed.for_intake(listed.asked(query), "wang"), 20)

    assert asked(("status", "open"), ("assignee", "me")) == {"limit": 20, "assignee": "wang"}
    assert asked(("status", "open"), ("assignee", "none")) == {"limit": 20, "unassigned": True}
    assert asked(("status", "open"), ("category", "拨付")) == {"limit": listed.MOST, "unassigned": False}
    assert asked(("status", "waiting"), ("assignee", "me"))["limit"] == listed.MOST


@given(QUERIES)
def test_filtering_further_loses_nothing_that_a_list_was_narrowed_to(query: list[tuple[str, str]]) -> None:
    titles = {name: {"me": "我的", "0": "零"} for name in listed.FIELDS}
    wanted = listed.asked(query)
    form = [
        (one["name"], v) for one in listed.fields(wanted, titles) for v in one["chosen"] if v in titles[one["name"]]
    ]
    form += [(name, wanted[name][0]) for name in ("q", "sort") if name in wanted]
    sent = listed.asked([*form, *listed.kept(wanted, titles)])
    assert {name: set(values) for name, values in sent.items()} == {
        name: set(values[:1] if name in ("q", "sort") else values) for name, values in wanted.items()
    }


def test_a_page_of_a_list_has_its_cursor_in_its_address() -> None:
    wanted = {"status": ["open"]}
    assert listed.address(wanted, "a=&") == "status=open&cursor=a%3D%26"
    assert listed.address(wanted) == "status=open"
