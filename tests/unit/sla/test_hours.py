"""Open time against a count minute by minute on the wall clock, and the laws it must obey."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chassis.calendars.compiling import hours_of
from chassis.calendars.definition import Calendar, Definition
from chassis.calendars.hours import ALWAYS, Hours, OutOfRange

Week = Mapping[str, tuple[str, ...]]

MINUTE = timedelta(minutes=1)
BEIJING = ZoneInfo("Asia/Shanghai")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DESK: Week = dict.fromkeys(DAYS[:5], ("09:00-12:00", "14:00-18:00"))
ODD: Week = {
    "mon": ("00:00-04:00", "22:30-24:00"), "tue": ("00:00-07:15",), "wed": ("08:00-08:01",), "sat": ("00:00-24:00",),
    "sun": ("00:00-05:00", "05:00-09:30", "23:00-24:00"),
}  # fmt: skip
ZONES = {
    "Asia/Shanghai": (date(2023, 12, 1), date(2025, 3, 31)),
    "Europe/Berlin": (date(2024, 1, 1), date(2024, 12, 31)),
    "America/New_York": (date(2023, 12, 1), date(2024, 12, 31)),
    "Asia/Kathmandu": (date(2024, 1, 1), date(2024, 12, 31)),
    "china 1986-1991": (date(1985, 12, 1), date(1992, 1, 31)),
}


def hours(weekly: Week, zone: str, years: tuple[date, date]) -> Hours:
    return hours_of(Definition.resolve(Calendar("试", weekly, "none", zone), years))


def zone_of(place: str) -> str:
    return "Asia/Shanghai" if place.startswith("china") else place


PLACES = {(place, n): (weekly, hours(weekly, zone_of(place), years))
          for place, years in ZONES.items() for n, weekly in enumerate((DESK, ODD))}  # fmt: skip
SPANS = st.timedeltas(timedelta(0), timedelta(days=9))


def moments(place: str, spare: timedelta = timedelta(days=2)) -> st.SearchStrategy[datetime]:
    first, last = (datetime.combine(day, time(12), UTC) for day in ZONES[place])
    return st.datetimes((first + spare).replace(tzinfo=None), (last - spare).replace(tzinfo=None)).map(
        lambda at: at.replace(tzinfo=UTC)
    )


def open_at(weekly: Week, zone: ZoneInfo, at: datetime) -> bool:
    """What a clock on the wall and the notice on the door say; no arithmetic."""
    wall = at.astimezone(zone)
    shown = f"{wall:%H:%M}"
    return any(text[:5] <= shown < text[6:] for text in weekly.get(DAYS[wall.weekday()], ()))


def counted(weekly: Week, zone: ZoneInfo, start: datetime, minutes: int) -> timedelta:
    return sum((MINUTE for n in range(minutes) if open_at(weekly, zone, start + n * MINUTE)), timedelta(0))


@pytest.mark.parametrize("place", sorted(PLACES, key=str), ids=str)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_open_time_is_what_counting_the_minutes_gives(place: tuple[str, int], data: st.DataObject) -> None:
    weekly, found = PLACES[place]
    start = data.draw(moments(place[0], timedelta(days=10))).replace(second=0, microsecond=0)
    minutes = data.draw(st.integers(0, 5 * 24 * 60))
    zone = ZoneInfo(zone_of(place[0]))
    expected = counted(weekly, zone, start, minutes)
    assert found.between(start, start + minutes * MINUTE) == expected
    assert found.is_open(start) == open_at(weekly, zone, start)
    if expected:
        assert found.after(start, expected) <= start + minutes * MINUTE < found.after(start, expected + MINUTE)


@pytest.mark.parametrize("place", sorted(PLACES, key=str), ids=str)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_the_laws_hold_to_the_microsecond(place: tuple[str, int], data: st.DataObject) -> None:
    _, found = PLACES[place]
    start, middle, end = sorted(data.draw(st.tuples(*[moments(place[0], timedelta(days=100))] * 3)))
    span, more = data.draw(SPANS), data.draw(SPANS)
    done = found.after(start, span)
    assert found.between(start, done) == span
    assert done >= start and done.tzinfo is UTC
    assert found.after(done, more) == found.after(start, span + more) or not more
    assert found.after(start, span + more) >= done
    assert found.after(middle, span) >= done
    whole = found.between(start, end)
    assert found.between(start, middle) + found.between(middle, end) == whole
    assert found.between(end, start) == timedelta(0) <= whole <= end - start
    if span:  # nothing earlier would have been enough
        assert found.between(start, done - timedelta(microseconds=1)) == span - timedelta(microseconds=1)


@settings(max_examples=60, deadline=None)
@given(at=moments("Asia/Shanghai"))
def test_the_next_opening_is_open_and_no_time_runs_before_it(at: datetime) -> None:
    desk = PLACES["Asia/Shanghai", 0][1]
    opening = desk.opens_next(at)
    assert desk.is_open(opening) and desk.between(at, opening) == timedelta(0)
    assert (opening == at) == desk.is_open(at)


def beijing(day: str, hour: str) -> datetime:
    return datetime.fromisoformat(f"{day}T{hour}").replace(tzinfo=BEIJING)


DESK_HOURS = PLACES["Asia/Shanghai", 0][1]


@pytest.mark.parametrize(
    ("start", "minutes", "end"),
    [
        (("2024-02-28", "17:50"), 30, ("2024-02-29", "09:20")),  # a leap year
        (("2024-02-29", "17:50"), 30, ("2024-03-01", "09:20")),
        (("2025-02-28", "17:50"), 30, ("2025-03-03", "09:20")),  # Friday to Monday
        (("2024-12-31", "17:30"), 60, ("2025-01-01", "09:30")),  # a calendar without holidays
        (("2024-05-13", "11:30"), 30, ("2024-05-13", "12:00")),  # a closing time, not the next opening
        (("2024-05-13", "12:00"), 1, ("2024-05-13", "14:01")),
        (("2024-05-13", "13:00"), 240, ("2024-05-13", "18:00")),
        (("2024-05-12", "03:00"), 180, ("2024-05-13", "12:00")),  # a Sunday
        (("2024-05-13", "09:00"), 5 * 420, ("2024-05-17", "18:00")),
    ],
)
def test_a_promise_runs_only_while_the_desk_is_open(start: tuple[str, str], minutes: int, end: tuple[str, str]) -> None:
    assert DESK_HOURS.after(beijing(*start), minutes * MINUTE) == beijing(*end)


def test_no_time_at_all_is_over_at_once_also_while_closed() -> None:
    sunday = beijing("2024-05-12", "03:00")
    assert DESK_HOURS.after(sunday, timedelta(0)) == sunday
    with pytest.raises(ValueError, match="负"):
        DESK_HOURS.after(sunday, timedelta(microseconds=-1))


def test_it_is_open_from_the_opening_until_just_before_closing() -> None:
    tick = timedelta(microseconds=1)
    for at, is_open in (("09:00", True), ("12:00", False), ("14:00", True), ("18:00", False)):
        moment = beijing("2024-05-13", at)
        assert DESK_HOURS.is_open(moment) is is_open and DESK_HOURS.is_open(moment - tick) is not is_open


def test_nights_that_touch_midnight_are_one_opening() -> None:
    through = hours({"mon": ("22:00-24:00",), "tue": ("00:00-06:00",)}, "Asia/Shanghai", ZONES["Asia/Shanghai"])
    assert through.is_open(beijing("2024-05-14", "00:00"))
    assert through.after(beijing("2024-05-13", "23:00"), timedelta(hours=7)) == beijing("2024-05-14", "06:00")


def test_the_zone_of_a_moment_does_not_matter_a_naive_one_is_refused() -> None:
    at = beijing("2024-05-13", "11:00")
    for zone in (UTC, ZoneInfo("America/New_York"), timezone(timedelta(hours=-3, minutes=-30))):
        assert DESK_HOURS.after(at.astimezone(zone), 90 * MINUTE) == beijing("2024-05-13", "14:30")
    for found in (DESK_HOURS, ALWAYS):
        with pytest.raises(TypeError):
            found.after(datetime(2024, 5, 13), MINUTE)  # noqa: DTZ001 - that is the point
        with pytest.raises(TypeError):
            found.between(datetime(2024, 5, 13), datetime(2024, 5, 14))  # noqa: DTZ001


def test_outside_the_covered_years_it_says_which_these_are() -> None:
    first, last = beijing("2023-12-01", "00:00"), beijing("2025-03-31", "23:59:59.999999")
    tick = timedelta(microseconds=1)
    assert not DESK_HOURS.is_open(first) and not DESK_HOURS.is_open(last + tick)
    with pytest.raises(OutOfRange, match="2023-12-01 至 2025-03-31"):
        DESK_HOURS.between(first - tick, last)
    with pytest.raises(OutOfRange):
        DESK_HOURS.is_open(last + 2 * tick)
    with pytest.raises(OutOfRange):
        DESK_HOURS.opens_next(last)
    friday = beijing("2025-03-31", "17:00")
    assert DESK_HOURS.after(friday, timedelta(hours=1)) == beijing("2025-03-31", "18:00")
    with pytest.raises(OutOfRange, match="算不出"):
        DESK_HOURS.after(friday, timedelta(hours=1) + tick)


BERLIN = ZoneInfo("Europe/Berlin")
NIGHTS = dict.fromkeys(DAYS, ("01:30-02:30", "02:30-04:00"))


def test_a_day_of_25_hours_has_25_and_one_of_23_has_23() -> None:
    whole = hours(dict.fromkeys(DAYS, ("00:00-24:00",)), "Europe/Berlin", ZONES["Europe/Berlin"])
    for day, length in ((date(2024, 3, 31), 23), (date(2024, 10, 27), 25), (date(2024, 6, 1), 24)):
        midnights = (datetime.combine(day + timedelta(days=n), time.min, BERLIN) for n in range(2))
        assert whole.between(*midnights) == timedelta(hours=length)


def test_hours_in_the_gap_begin_at_the_jump_and_hours_that_come_twice_the_first_time() -> None:
    nights = hours(NIGHTS, "Europe/Berlin", ZONES["Europe/Berlin"])
    early = hours({"sun": ("02:30-04:00",)}, "Europe/Berlin", ZONES["Europe/Berlin"])
    jump = datetime(2024, 3, 31, 1, tzinfo=UTC)  # 02:00 becomes 03:00
    assert early.opens_next(jump - timedelta(hours=6)) == jump
    assert nights.between(jump - timedelta(hours=1), jump + timedelta(hours=3)) == timedelta(hours=1, minutes=30)
    back = datetime(2024, 10, 27, 1, tzinfo=UTC)  # 03:00 becomes 02:00, so 02:30 is at 00:30 and at 01:30 UTC
    assert early.opens_next(back - timedelta(hours=6)) == back - timedelta(minutes=30)
    assert nights.between(back - timedelta(hours=3), back + timedelta(hours=3)) == timedelta(hours=3, minutes=30)


def test_hours_that_the_clocks_jump_over_are_none() -> None:
    skipped = hours({"sun": ("02:10-02:50",)}, "Europe/Berlin", ZONES["Europe/Berlin"])
    assert skipped.opens_next(datetime(2024, 3, 30, tzinfo=UTC)) == datetime(2024, 4, 7, 0, 10, tzinfo=UTC)


def test_the_second_half_of_an_hour_that_comes_twice_is_later() -> None:
    """Python compares moments of one zone by their wall clock, where 02:40 is later than the second 02:10."""
    whole = hours(dict.fromkeys(DAYS, ("00:00-24:00",)), "Europe/Berlin", ZONES["Europe/Berlin"])
    first, second = datetime(2024, 10, 27, 2, 40, tzinfo=BERLIN), datetime(2024, 10, 27, 2, 10, tzinfo=BERLIN, fold=1)
    for found in (whole, ALWAYS):
        assert found.between(first, second) == 30 * MINUTE
        assert found.between(second, first) == timedelta(0)


def test_china_had_summer_time_from_1986_to_1991() -> None:
    desk = PLACES["china 1986-1991", 0][1]
    assert desk.opens_next(datetime(1987, 7, 1, tzinfo=UTC)).hour == 0  # nine o'clock was midnight in Greenwich
    assert desk.opens_next(datetime(1987, 12, 1, tzinfo=UTC)).hour == 1


@settings(max_examples=60, deadline=None)
@given(at=st.datetimes(datetime(1900, 1, 1), datetime(2500, 1, 1)), span=SPANS)  # noqa: DTZ001 - Hypothesis wants it so
def test_always_open_is_plain_arithmetic(at: datetime, span: timedelta) -> None:
    moment = at.replace(tzinfo=UTC)
    assert ALWAYS.after(moment, span) == moment + span
    assert ALWAYS.between(moment, moment + span) == span
    assert ALWAYS.is_open(moment) and ALWAYS.opens_next(moment) == moment
    assert (ALWAYS.name, ALWAYS.version, ALWAYS.known_until) == ("24x7", "24x7", date.max)
    with pytest.raises(ValueError, match="负"):
        ALWAYS.after(moment, -MINUTE)
