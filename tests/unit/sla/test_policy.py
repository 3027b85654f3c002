"""Policies: the first that fits holds; a file that cannot be used says why, and nothing starts."""

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.calendars.book import CalendarBook
from services.sla.book import Edition
from services.sla.policy import About, PolicyError, load, parse
from services.sla.settings import SlaSettings
from services.sla.threshold import duration, threshold
from tests.unit.sla.events import BEGINNING, STANDARD, at, edition


def delivered() -> Edition:
    settings = SlaSettings()
    calendars = CalendarBook.load(settings.sla_calendars)
    return Edition(load(settings.sla_policies), {n: calendars.current(n) for n in calendars.names}, BEGINNING)


def test_the_delivered_policies_promise_half_an_hour_and_faster_where_it_is_urgent() -> None:
    edition = delivered()
    for case, policy, minutes in (
        (About(priority="normal"), "标准", 30), (About(priority="urgent"), "紧急", 15),
        (About(priority="urgent", institution="P62019900001"), "演练", 5 / 60),
    ):  # fmt: skip
        bound = edition.bound("first_response", case, at(0))
        assert bound is not None
        assert (bound.policy, bound.within, bound.hours.name) == (policy, timedelta(minutes=minutes), "24x7")


def test_thresholds_come_in_order_of_time() -> None:
    [policy] = parse([{"name": "p", "resolution": {"within": "10h", "thresholds": {"+1h": [], "100%": [], "50%": []}}}])
    assert policy.resolution is not None
    assert [s.label for s in policy.resolution.steps] == ["50%", "100%", "+1h"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "不可用"),
        ("- {name: [}", "不可用"),
        ("- {within: 5}", "不可用"),
        ("- {name: a, first_response: {within: soon}}", "30m"),
        ("- {name: a, first_response: {within: 0m}}", "大于 0"),
        ("- {name: a, first_response: {within: 5m, thresholds: {80%: []}}}", "100%"),
        ("- {name: a, first_response: {within: 5m, thresholds: {120%: []}}}", "120%"),
        ("- {name: a, first_response: {within: 5m, thresholds: {100%: [boss]}}}", "boss"),
        ("- {name: a, colour: red}", "colour"),
        ("- {name: a}", "至少一个时限"),
        ("- {name: a, none: 无, first_response: {within: 5m}}", "至少一个时限"),
        ("- {name: a, first_response: {within: 99999999999999999h}}", "不超过"),
        ("- {name: a, when: {priorities: [urgent]}, none: 无}\n- {name: a, none: 无}", "重复"),
        ("- {name: canary, none: 无}", "占用"),
        ("[]", "最后一条"),
        ("- {name: a, when: {priorities: [urgent]}, none: 无}", "最后一条"),
        ("- {name: all, none: 无}\n- {name: a, when: {institutions: [P62019900001]}, none: 无}", "最后一条"),
    ],
)
def test_a_file_that_cannot_be_used_is_named_with_the_reason(tmp_path: Path, text: str, why: str) -> None:
    path = tmp_path / "policies.yaml"
    path.write_text(text)
    with pytest.raises(PolicyError) as error:
        load(path)
    assert str(path) in str(error.value) and why in str(error.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match=r"nowhere\.yaml"):
        load(tmp_path / "nowhere.yaml")


def test_a_calendar_that_is_not_there_is_named() -> None:
    with pytest.raises(ValueError, match="没有日历 elsewhere"):
        edition({**STANDARD, "calendar": "elsewhere"})


def test_a_promise_that_its_calendar_cannot_hold_is_none() -> None:
    desk = CalendarBook.load().current("desk")
    with pytest.raises(ValueError, match="只覆盖"):
        edition(
            {**STANDARD, "calendar": "desk", "resolution": {"within": "4999h"}},
            since=at(0).replace(year=2039),
            desk=desk,
        )


def test_the_same_promises_have_the_same_version() -> None:
    assert edition().version == edition(since=at(5)).version != edition(STANDARD).version


@given(st.integers(0, 99), st.integers(0, 99), st.integers(0, 99))
def test_durations_are_read_as_they_are_written(hours: int, minutes: int, seconds: int) -> None:
    text = "".join(f"{n}{unit}" for n, unit in ((hours, "h"), (minutes, "m"), (seconds, "s")) if n)
    if text:
        span = timedelta(hours=hours, minutes=minutes, seconds=seconds)
        assert duration(text) == span
        assert threshold(f"+{text}", ()).after(timedelta(hours=1)) == timedelta(hours=1) + span
    for wrong in ("", "-5m", "5d", "5", f"{seconds}s{hours}h" if hours and seconds else "m"):
        with pytest.raises(ValueError, match="不可用"):
            duration(wrong)
