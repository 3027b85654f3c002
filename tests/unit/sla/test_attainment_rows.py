"""Rows of attainment: what became of each cycle, as of a moment, with and without exemptions."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from chassis.calendars.hours import Hours
from contracts.case import (
    CaseAssigned,
    CaseClosed,
    CaseEscalated,
    CaseEvent,
    CaseMessageAdded,
    CaseReopened,
    CaseResolved,
    CaseResponded,
    CaseWaiting,
)
from contracts.casework import CaseCategorised, CaseChased, CaseResumed
from contracts.sla import CANARY
from services.sla.attainment.judging import rows
from services.sla.attainment.row import Digest, Row
from services.sla.book import Book
from services.sla.contracts import Contracts
from services.sla.exemptions.model import Decision, Exemption, Standing, Wanted
from services.sla.facts import learned
from services.sla.fold import SlaFold
from services.sla.model import CaseClocks
from tests.chassis.folding import Folder, shuffled
from tests.unit.sla.events import CASE, at, book, due, edition, event, story

MINUTE_US = 60_000_000
STEPS: list[type[CaseEvent]] = [
    CaseMessageAdded, CaseAssigned, CaseResponded, CaseWaiting, CaseEscalated, CaseResolved, CaseClosed,
    CaseReopened, CaseResumed, CaseChased, CaseCategorised,
]  # fmt: skip


def told(*events: CaseEvent) -> CaseClocks:
    """What the stream tells of a case: facts, no clocks."""
    case = CaseClocks(CASE)
    for one in events:
        case = learned(case, one, Contracts())
    return case


def heard(events: Sequence[CaseEvent], *hints: float) -> CaseClocks:
    """What sla has stored of a case that it heard event by event, with timers at these minutes."""
    folder: Folder[CaseClocks] = Folder(SlaFold(book(), Contracts()), lambda _, m: m.body.case_id)  # type: ignore[attr-defined]
    folder.hear(*events)
    for minute in hints:
        folder.hear(due(minute), now=at(minute))
    [case] = folder.states.values()
    return case


def exempt(begins: float, ends: float, standing: Standing = "approved", n: int = 1, **wanted: Any) -> Exemption:
    asked = Decision("requested", at(-10), "wang")
    decided = (Decision(standing, at(-5), "zhao"),) if standing != "requested" else ()
    scope = Wanted(**wanted)
    return Exemption(UUID(int=n), "other", "停机", at(begins), at(ends), scope, (asked, *decided))


def judged(case: CaseClocks, minute: float, *exemptions: Exemption, held: Book | None = None) -> dict[str, Row]:
    found = list(rows(case, at(minute), exemptions, held or book()))
    return {f"{row.clock} {row.cycle}": row for row in found}


@pytest.mark.parametrize(
    ("steps", "minute", "outcome"),
    [
        ([(CaseResponded, 3)], 60, "kept"),
        ([(CaseResponded, 12)], 60, "late"),
        ([(CaseResponded, 10)], 60, "late"),  # at the deadline the clock has breached
        ([], 5, "open"),
        ([], 10, "late"),
        ([(CaseResponded, 12)], 11, "late"),  # not answered yet, as of then
        ([(CaseResponded, 12)], 9, "open"),
        ([(CaseClosed, 4)], 60, "void"),
        ([(CaseClosed, 14)], 60, "late"),
        ([(CaseResolved, 2), (CaseClosed, 4)], 60, "void"),
    ],
)
def test_what_becomes_of_a_first_response(
    steps: list[tuple[type[CaseEvent], float]], minute: float, outcome: str
) -> None:
    assert judged(told(*story(*steps)), minute)["first_response 1"].outcome == outcome


@pytest.mark.parametrize(
    ("responded", "windows", "outcome"),
    [
        (12, [(5, 8)], "exempted"),  # 9 minutes count
        (12, [(5, 6)], "late"),
        (12, [(5, 7)], "late"),  # ten minutes are not less than ten
        (12, [(11, 60)], "late"),
        (12, [(20, 60)], "late"),
        (12, [(2, 4), (3, 5)], "exempted"),
        (12, [(2, 3.5), (2, 3.5)], "late"),  # the same time is left out once
        (8, [(0, 60)], "kept"),
        (30, [(-60, 60)], "exempted"),
    ],
)
def test_time_of_an_exemption_does_not_count(
    responded: float, windows: list[tuple[float, float]], outcome: str
) -> None:
    case = told(*story((CaseResponded, responded)))
    found = judged(case, 100, *(exempt(*span, n=n) for n, span in enumerate(windows)))
    assert found["first_response 1"].outcome == outcome


@pytest.mark.parametrize("standing", ["requested", "rejected", "revoked"])
def test_only_an_approved_exemption_counts(standing: Standing) -> None:
    case = told(*story((CaseResponded, 12)))
    assert judged(case, 100, exempt(0, 60, standing))["first_response 1"].outcome == "late"


def test_an_exemption_that_is_approved_later_does_not_count_before() -> None:
    case, later = told(*story((CaseResponded, 12))), exempt(0, 60)
    later = replace(later, decisions=(later.decisions[0], Decision("approved", at(50), "zhao")))
    assert [judged(case, m, later)["first_response 1"].outcome for m in (49, 50)] == ["late", "exempted"]


@pytest.mark.parametrize(
    ("wanted", "outcome"),
    [
        ({"clocks": ("first_response",)}, "exempted"),
        ({"clocks": ("resolution",)}, "late"),
        ({"case_ids": (CASE,)}, "exempted"),
        ({"case_ids": (UUID(int=8),)}, "late"),
        ({"categories": ("业务咨询",)}, "exempted"),
        ({"categories": ("拨付",)}, "late"),
        ({"institutions": ("H62010200001",)}, "late"),
        ({"contracts": ("ht-1",)}, "late"),
        ({"clocks": ("first_response",), "categories": ("拨付",)}, "late"),
    ],
)
def test_an_exemption_is_about_what_it_names(wanted: dict[str, Any], outcome: str) -> None:
    case = told(*story((CaseResponded, 12)))
    assert judged(case, 100, exempt(0, 60, **wanted))["first_response 1"].outcome == outcome


def test_an_open_cycle_that_is_late_only_by_an_exemption_is_open_again() -> None:
    case = told(*story())
    assert [judged(case, m, exempt(5, 8))["first_response 1"].outcome for m in (12.9, 13)] == ["open", "late"]


def test_only_open_time_is_left_out_of_what_was_counted_in_open_time() -> None:
    """Noon to 12:05, and from 12:20 on: the hours between are neither counted nor exempted."""
    start, hour = int((at(0) - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()) * 1_000_000, 60 * MINUTE_US
    spans = [(start, start + 5 * MINUTE_US), (start + 20 * MINUTE_US, start + hour)]
    day = at(0).date()
    hours = Hours("half", "1", day, (day, day), (start - 24 * hour, start + 24 * hour), spans)
    promise = {"name": "p", "calendar": "half", "first_response": {"within": "10m", "thresholds": {"100%": []}}}
    held = book(edition(promise, half=hours))
    case = told(*story((CaseResponded, 27)))
    late = judged(case, 60, held=held)["first_response 1"]
    assert (late.outcome, late.counted_s) == ("late", 12 * 60)
    closed_only = judged(case, 60, exempt(5, 20), held=held)["first_response 1"]
    assert (closed_only.outcome, closed_only.exempted_s) == ("late", 0)
    both = judged(case, 60, exempt(4, 22), held=held)["first_response 1"]
    assert (both.outcome, both.exempted_s) == ("exempted", 3 * 60)


def test_a_row_says_what_was_known_when_its_cycle_ended() -> None:
    steps = [(CaseAssigned, 1), (CaseResponded, 3), (CaseCategorised, 5), (CaseMessageAdded, 6)]
    events = story(*steps)  # type: ignore[arg-type]
    events.append(event(CaseAssigned, 6, 7, assignee="li.na"))
    found = judged(told(*events), 60)
    first, following = found["first_response 1"], found["next_response 1"]
    assert (first.category, first.priority, first.engineer) == ("业务咨询", "normal", "wang")
    assert (following.category, following.priority, following.engineer) == ("对账清分", "urgent", "li.na")
    assert judged(told(*events), 6.5)["next_response 1"].engineer == "wang"


def test_a_canary_and_a_case_that_had_not_begun_have_no_rows() -> None:
    case = told(*story())
    assert judged(replace(case, number=CANARY), 60) == {}
    assert judged(case, -1) == {}


def test_what_goes_on_is_measured_by_the_edition_of_that_moment() -> None:
    shorter = {"name": "短", "first_response": {"within": "3m", "thresholds": {"100%": []}}}
    held = book(edition(), edition(shorter, since=at(5)))
    case = told(*story((CaseResponded, 8)))
    assert [judged(case, m, held=held)["first_response 1"].outcome for m in (4, 6, 9)] == ["open", "late", "late"]
    answered = told(*story((CaseResponded, 4)))
    assert judged(answered, 9, held=held)["first_response 1"].policy == "测试"


def test_the_month_is_that_of_the_start_in_beijing() -> None:
    first = judged(told(*story((CaseResponded, 3))), 60)["first_response 1"]
    last_moment = datetime(2026, 11, 30, 15, 59, 59, tzinfo=UTC)
    months = [replace(first, started_at=last_moment + timedelta(seconds=s)).month for s in (0, 1)]
    assert months == ["2026-11", "2026-12"]


@st.composite
def lives(draw: st.DrawFn) -> list[CaseEvent]:
    happened = draw(st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 200)), max_size=8))
    return story(*sorted(happened, key=lambda step: step[1]))


spans = st.tuples(st.integers(-20, 250), st.integers(1, 120)).map(lambda s: (s[0], s[0] + s[1]))


@given(st.data(), st.integers(0, 300))
def test_what_is_stored_gives_the_rows_of_the_stream_whoever_has_looked_when(data: st.DataObject, minute: int) -> None:
    life = data.draw(lives())
    hints = data.draw(st.lists(st.integers(0, 300), max_size=3).map(sorted))
    dealt = data.draw(shuffled(life))
    exemptions = [exempt(*span, n=n) for n, span in enumerate(data.draw(st.lists(spans, max_size=3)))]
    again = judged(told(*life), minute, *exemptions)
    assert judged(heard(dealt, *hints), minute, *exemptions) == again
    assert judged(told(*dealt), minute, *exemptions) == again
    assert Digest(again.values()).hex == Digest(reversed(again.values())).hex


@given(lives(), st.integers(0, 300), st.lists(spans, max_size=4), st.data())
def test_windows_split_or_in_any_order_are_the_same_time(
    life: list[CaseEvent], minute: int, windows: list[tuple[int, int]], data: st.DataObject
) -> None:
    case = told(*life)
    whole = [exempt(*span, n=n) for n, span in enumerate(windows)]
    pieces = [exempt(m, m + 1, n=1000 * n + m + 100) for n, (a, b) in enumerate(windows) for m in range(a, b)]
    mixed = data.draw(st.permutations([*pieces, *whole]))
    assert judged(case, minute, *whole) == judged(case, minute, *mixed)


@given(lives(), st.integers(0, 300), st.lists(spans, max_size=3))
def test_an_exemption_never_makes_it_worse_and_leaves_what_was_kept(
    life: list[CaseEvent], minute: int, windows: list[tuple[int, int]]
) -> None:
    case = told(*life)
    before = judged(case, minute)
    after = judged(case, minute, *(exempt(*span, n=n) for n, span in enumerate(windows)))
    assert before.keys() == after.keys()
    for key, row in before.items():
        allowed = {"late": {"late", "exempted", "open"}}.get(row.outcome, {row.outcome})
        assert after[key].outcome in allowed
        assert 0 <= after[key].exempted_s <= after[key].counted_s == row.counted_s
