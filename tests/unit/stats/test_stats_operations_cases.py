"""What rows of cases, clocks and trainings say of their events."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.stats.operations.told import Row
from tests.unit.stats.independent.c_line import PLACES
from tests.unit.stats.independent.c_said import MORNING, rows, said

OPENED = said(
    1, "case.opened", channel="wechat", category="结算支付", kind="fault", priority="urgent", assignee="E002",
    institution_code=PLACES[0],
)  # fmt: skip


def case(*events: bytes) -> Row:
    [row] = rows([OPENED, *events])["desk_case"]
    return row


def test_a_case_tells_how_long_it_took_and_who_has_it() -> None:
    row = case(
        said(2, "case.responded", 12.5), said(3, "case.responded", 40),
        said(4, "case.resolved", 100, category="结算支付"), said(5, "case.assigned", 110, assignee="E003"),
    )  # fmt: skip
    told_of = {"response_min": Decimal("12.50"), "resolve_min": Decimal(100), "reply_cnt": 2, "engineer": "E003"}
    assert row.items() >= {**told_of, "state": "resolved", "fix_blng_admdvs": "620102", "outage_flag": "0"}.items()
    assert row["opened_at"] == datetime(2026, 10, 9, 9, 0)  # noqa: DTZ001 - tables have no zone


def test_a_case_that_is_open_again_is_not_resolved() -> None:
    events = said(2, "case.resolved", 60), said(3, "case.reopened", 90)
    assert (case(*events)["resolve_min"], case(*events)["state"], case(*events)["reopen_cnt"]) == (None, "open", 1)
    again = case(*events, said(4, "case.resolved", 200), said(5, "case.closed", 300))
    assert (again["resolve_min"], again["state"]) == (Decimal(200), "closed")


def test_the_last_word_on_institution_and_category_counts() -> None:
    row = case(
        said(2, "case.identified", institution_code=PLACES[1]),
        said(3, "case.categorised", category="目录", priority="low", before="结算支付", by="staff"),
    )
    told_of = row["fixmedins_code"], row["category"], row["category_by"], row["priority"]
    assert told_of == (PLACES[1], "目录", "staff", "low")


def test_a_case_whose_messages_are_all_elsewhere_is_merged() -> None:
    assert case(said(2, "case.messages_moved", merged=False))["state"] == "open"
    assert case(said(2, "case.messages_moved", merged=True), said(3, "case.closed"))["state"] == "merged"


def test_an_answer_before_the_question_took_no_time() -> None:
    assert case(said(2, "case.responded", -5))["response_min"] == Decimal(0)


def test_a_case_whose_beginning_is_not_in_the_stream_is_left_out() -> None:
    assert rows([said(2, "case.responded")])["desk_case"] == []


def clock(*events: bytes, policy: str = "标准") -> Row:
    due = (MORNING + timedelta(minutes=30)).isoformat()
    started = said(1, "sla.started", clock="first_response", cycle=1, policy=policy, due_at=due)
    [row] = rows([started, *events])["desk_clock"]
    return row


def step(version: int, name: str, after_min: float, **facts: Any) -> bytes:
    due = (MORNING + timedelta(minutes=30)).isoformat()
    return said(version, f"sla.{name}", after_min, clock="first_response", cycle=1, **{"due_at": due, **facts})


@pytest.mark.parametrize(
    ("events", "outcome"),
    [
        ((), "open"),
        ((step(2, "met", 20, in_time=True),), "kept"),
        ((step(2, "met", 40, in_time=False),), "late"),
        ((step(2, "breached", 30, late_ms=3),), "late"),
        ((step(2, "breached", 30, late_ms=3), step(3, "stopped", 40)), "late"),
        ((step(2, "stopped", 10),), "void"),
        ((step(2, "paused", 5, reason=""), step(3, "resumed", 9)), "open"),
    ],
)
def test_a_cycle_has_come_to(events: tuple[bytes, ...], outcome: str) -> None:
    assert clock(*events)["outcome"] == outcome


def test_a_cycle_has_the_promise_that_held_in_the_end() -> None:
    later = (MORNING + timedelta(hours=4)).isoformat()
    row = clock(step(2, "rebound", 5, policy="紧急", book="2", calendar="c", due_before=later, due_at=later))
    assert (row["policy"], row["due_at"]) == ("紧急", datetime(2026, 10, 9, 13, 0))  # noqa: DTZ001


def test_canaries_are_no_clocks_of_the_desk() -> None:
    started = said(
        1, "sla.started", clock="first_response", cycle=1, policy="", due_at=MORNING.isoformat(), number="canary"
    )
    assert rows([started])["desk_clock"] == []


def training(*steps: tuple[str, dict[str, str]], ends: str = "") -> Row:
    opened = said(1, "case.opened", kind="training", category="培训", channel="phone", priority="low")
    events = [said(n, "case.stepped", n, transition=t, fields=f) for n, (t, f) in enumerate(steps, 2)]
    events += [said(90, f"case.{ends}", 90)] if ends else []
    [row] = rows([opened, *events])["desk_training"]
    return row


def test_a_training_counts_when_it_was_held_for_how_many() -> None:
    plan = "plan", {"mode": "线上", "starts_at": "2026-11-02T14:30", "topic": "某人讲", "trainer": "赵某"}
    held = training(plan, ("hold", {"attendance": "40", "materials": "x"}), ends="resolved")
    assert (held["training_on"], held["attendance"], held["mode"], held["state"]) == (
        date(2026, 11, 2), 40, "线上", "completed",
    )  # fmt: skip
    assert (training(plan)["state"], training(plan)["training_on"]) == ("planned", date(2026, 10, 9))
    assert training(plan, ("cancel", {}), ends="closed")["state"] == "cancelled"
    assert training()["state"] == "requested"


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=40), st.text(max_size=40))
def test_what_is_typed_into_a_step_is_taken_only_in_its_form(mode: str, attendance: str) -> None:
    row = training(
        ("plan", {"mode": mode, "starts_at": mode}), ("hold", {"attendance": attendance, "satisfaction": mode})
    )
    assert row["mode"] in (None, "线上", "线下", "远程")
    assert row["attendance"] is None or 0 <= row["attendance"] < 1_000_000
    assert row["satisfaction"] is None
