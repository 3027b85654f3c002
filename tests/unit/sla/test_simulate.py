"""Other promises for cases that were: nothing changes by the same ones, more time is never worse."""

from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from contracts.case import CaseAssigned, CaseEvent, CaseOpened, CaseResolved, CaseResponded
from services.sla.contracts import Contracts
from services.sla.facts import learned
from services.sla.model import Acknowledged, CaseClocks
from services.sla.simulate import Compared, Period, compare
from tests.unit.sla.events import CASE, STANDARD, at, book, edition, event, story
from tests.unit.sla.test_sla_fold import lives

BOOK = book()
DAY = Period(at(-60), at(24 * 60), at(2_000))


def case_of(events: list[CaseEvent]) -> CaseClocks:
    case = CaseClocks(CASE)
    for told in events:
        case = learned(case, told, Contracts())
    return case


def promising(within: str, **thresholds: list[str]) -> dict[str, Any]:
    promise = {"within": within, "thresholds": thresholds or {"100%": ["lead"]}}
    return {"name": "试算", "first_response": promise}


def tried(case: CaseClocks, policy: dict[str, Any], period: Period = DAY) -> Compared:
    return compare([case], BOOK, book(edition(policy)), period)


@given(lives())
def test_the_same_promises_change_nothing(life: list[CaseEvent]) -> None:
    found = compare([case_of(life)], BOOK, book(edition(STANDARD)), DAY)
    assert not found.changed
    assert found.before == found.after and found.alarms_before == found.alarms_after
    assert found.cases == 1 and sum(found.before.values()) >= 2


@given(lives(), st.integers(1, 120), st.integers(0, 120))
def test_more_time_is_never_worse_and_wakes_nobody_more_often(life: list[CaseEvent], minutes: int, more: int) -> None:
    tight, wide = (book(edition(promising(f"{m}m"))) for m in (minutes, minutes + more))
    found = compare([case_of(life)], tight, wide, DAY)
    assert all(change.after != "late" for change in found.changed)
    assert found.alarms_after["lead"] <= found.alarms_before["lead"]


@given(st.data())
def test_the_order_in_which_events_were_stored_does_not_matter(data: st.DataObject) -> None:
    life = data.draw(lives())
    crooked = data.draw(st.permutations(life))
    assert tried(case_of(life), promising("5m")) == tried(case_of(crooked), promising("5m"))


def test_a_tighter_promise_shows_which_answers_would_have_been_late() -> None:
    case = case_of(story((CaseAssigned, 1), (CaseResponded, 8), (CaseResolved, 30)))
    found = tried(case, promising("5m", **{"50%": ["assignee"], "100%": ["assignee", "lead"]}))
    first, resolution = found.changed
    assert (first.clock, first.before, first.after) == ("first_response", "kept", "late")
    assert (first.due_before, first.due_after) == (at(10), at(5))
    assert (resolution.clock, resolution.before, resolution.after) == ("resolution", "kept", "none")
    assert (resolution.due_before, resolution.due_after) == (at(60), None)
    assert found.alarms_before == {"assignee": 1}  # at half of ten minutes; three quarters of the hour never came
    assert found.alarms_after == {"assignee": 2, "lead": 1}


def test_nobody_is_told_any_more_after_somebody_has_taken_note() -> None:
    case = case_of(story((CaseResponded, 30)))
    assert tried(case, promising("5m")).alarms_before["remote"] == 1
    noted = replace(case, acknowledged=(Acknowledged("first_response", 1, at(12), "wang"),))
    found = tried(noted, promising("5m"))
    assert found.alarms_before == {"assignee": 3, "lead": 2}  # of the resolution too, which is late and not noted
    assert found.alarms_after == {"lead": 1}


def test_only_cycles_that_began_in_the_period_count_as_they_stood_at_its_end() -> None:
    case = case_of([event(CaseOpened, 1, 0), event(CaseResponded, 2, 20)])
    assert tried(case, promising("5m"), Period(at(1), at(60), at(60))).cases == 0
    assert tried(case, promising("5m"), Period(at(-1), at(0), at(60))).cases == 0
    early = tried(case, promising("30m"), Period(at(0), at(60), at(4)))
    assert early.before["first_response", "open"] == early.after["first_response", "open"] == 1
    later = tried(case, promising("30m"), Period(at(0), at(60), at(0) + timedelta(minutes=20)))
    assert (later.before["first_response", "late"], later.after["first_response", "kept"]) == (1, 1)
