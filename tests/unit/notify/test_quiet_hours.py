"""Quiet hours: when they end, to the microsecond; the daily digest comes at its minute in Beijing."""

from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.calendars.compiling import hours_of
from chassis.calendars.definition import Calendar, Definition
from chassis.calendars.hours import ALWAYS, Hours
from chassis.zone import BEIJING
from contracts.setting import Quiet, Recipient
from services.notify.people.quiet import LONGEST, digest_due, quiet_until

TICK = timedelta(microseconds=1)
WEEK = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), ("09:00-12:00", "14:00-18:00"))
DESK = hours_of(Definition.resolve(Calendar("desk", WEEK, "none"), (date(2026, 1, 1), date(2027, 12, 31))))
NIGHT = Quiet(begins="22:00", ends="07:30")
CLOSED = Quiet(calendar="desk")


def hours(name: str) -> Hours | None:
    return {"desk": DESK, "24x7": ALWAYS}.get(name)


def at(day: int, clock: str, month: int = 11) -> datetime:
    """That minute in Beijing, in 2026; 2026-11-23 is a Monday."""
    return datetime.combine(date(2026, month, day), time.fromisoformat(clock), BEIJING)


CLOCKS = st.times().map(lambda t: f"{t:%H:%M}")
RANGES = st.tuples(CLOCKS, CLOCKS).filter(lambda pair: pair[0] != pair[1])
CALENDARS = st.sampled_from(["", "desk", "24x7", "unknown"])
QUIET = st.one_of(
    st.builds(lambda r, c: Quiet(begins=r[0], ends=r[1], calendar=c), RANGES, CALENDARS),
    st.builds(lambda c: Quiet(calendar=c), CALENDARS.filter(bool)),
)
ZONES = st.sampled_from([UTC, BEIJING, timezone(timedelta(hours=-5, minutes=-30))])
MOMENTS = st.builds(
    lambda seconds, ticks, zone: (datetime(2026, 2, 1, tzinfo=UTC) + timedelta(0, seconds, ticks)).astimezone(zone),
    st.integers(0, 600 * 86_400), st.sampled_from([0, 1, 999_999]), ZONES,
)  # fmt: skip


def is_in_range(quiet: Quiet, moment: datetime) -> bool:
    """Said anew, by the wall clock."""
    if quiet.begins is None or quiet.ends is None:
        return False
    clock, begins, ends = moment.astimezone(BEIJING).time(), *map(time.fromisoformat, (quiet.begins, quiet.ends))
    return begins <= clock < ends if begins < ends else clock >= begins or clock < ends


def is_quiet(quiet: Quiet, moment: datetime) -> bool:
    calendar = hours(quiet.calendar)
    return is_in_range(quiet, moment) or (calendar is not None and not calendar.is_open(moment))


@given(QUIET, MOMENTS)
def test_quiet_ends_later_than_now_at_a_moment_that_is_not_quiet(quiet: Quiet, now: datetime) -> None:
    until = quiet_until(quiet, now, hours)
    if until is None:
        assert not is_quiet(quiet, now) or never_ends(quiet)
        return
    assert until > now
    assert is_quiet(quiet, now)
    assert not is_quiet(quiet, until) or never_ends(quiet)
    assert until.tzinfo is UTC


@given(QUIET, MOMENTS, st.floats(0, 1, exclude_max=True))
def test_every_moment_before_the_end_is_quiet_and_ends_with_it(quiet: Quiet, now: datetime, share: float) -> None:
    until = quiet_until(quiet, now, hours)
    if until is None or never_ends(quiet):
        return
    between = now + (until - now) * share
    for moment in (between, until - TICK):
        if now <= moment < until:
            assert is_quiet(quiet, moment)
            assert quiet_until(quiet, moment, hours) == until
    assert quiet_until(quiet, until, hours) is None, "asked again at the end, it is over"


def never_ends(quiet: Quiet) -> bool:
    """Whether the business hours lie within the quiet hours: open time that is left begins with either of the two."""
    begins = (at(23 + day, clock) for day in range(7) for clock in ("09:00", "14:00", quiet.ends or "09:00"))
    return bool(quiet.calendar and quiet.begins) and all(is_quiet(quiet, moment) for moment in begins)


@pytest.mark.parametrize(
    ("now", "until"),
    [
        (at(23, "21:59"), None),
        (at(23, "22:00"), at(24, "07:30")),
        (at(24, "00:00"), at(24, "07:30")),
        (at(24, "07:30") - TICK, at(24, "07:30")),
        (at(24, "07:30"), None),
    ],
)
def test_a_night_goes_over_midnight(now: datetime, until: datetime | None) -> None:
    assert quiet_until(NIGHT, now, hours) == until


def test_summer_changes_no_clock_in_china() -> None:
    assert quiet_until(NIGHT, at(1, "23:00", month=7), hours) == at(2, "07:30", month=7)


@pytest.mark.parametrize(
    ("now", "until"),
    [
        (at(27, "17:59"), None),
        (at(27, "18:00"), at(30, "09:00")),  # from Friday to Monday
        (at(23, "12:00"), at(23, "14:00")),
        (at(23, "14:00") - TICK, at(23, "14:00")),
    ],
)
def test_what_is_quiet_while_closed_ends_with_the_next_opening(now: datetime, until: datetime | None) -> None:
    assert quiet_until(CLOSED, now, hours) == until


def test_quiet_hours_and_closing_follow_upon_each_other() -> None:
    quiet = Quiet(begins="08:00", ends="10:15", calendar="desk")
    assert quiet_until(quiet, at(27, "18:00"), hours) == at(30, "10:15"), "it opens within the quiet hours of Monday"


def test_a_calendar_that_there_is_not_is_never_closed() -> None:
    assert quiet_until(Quiet(calendar="unknown"), at(22, "03:00"), hours) is None


def test_a_calendar_that_does_not_reach_so_far_is_never_closed() -> None:
    assert quiet_until(CLOSED, datetime(2031, 1, 1, tzinfo=UTC), hours) is None


def test_hours_that_leave_no_moment_free_go_by_the_clock_alone() -> None:
    quiet = Quiet(begins="08:00", ends="20:00", calendar="desk")
    assert quiet_until(quiet, at(23, "10:00"), hours) == at(23, "20:00")
    assert quiet_until(quiet, at(23, "21:00"), hours) is None
    assert timedelta(days=10) < LONGEST, "a long holiday ends before this is supposed"


@given(MOMENTS, CLOCKS)
def test_the_digest_is_due_within_a_day_at_its_minute(now: datetime, clock: str) -> None:
    due = digest_due(Recipient(key="staff:a", digest_at=clock), now)
    assert timedelta(0) < due - now <= timedelta(days=1)
    assert f"{due.astimezone(BEIJING):%H:%M:%S.%f}" == f"{clock}:00.000000"


def test_a_digest_asked_for_at_its_very_minute_is_tomorrows() -> None:
    assert digest_due(Recipient(key="staff:a"), at(23, "08:30")) == at(24, "08:30")
    assert digest_due(Recipient(key="staff:a"), at(23, "08:30") - TICK) == at(23, "08:30")
