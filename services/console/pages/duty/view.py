"""The roster as tables: a week by people, a month by days with its public holidays. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from chassis.calendars.holidays import Statutory
from chassis.zone import BEIJING
from services.console.pages.months import grid

Json = dict[str, Any]
KINDS: Final = {"duty": "值班", "lunch_cover": "午间值守", "leave": "请假"}
COLOURS: Final = {"duty": "green", "lunch_cover": "blue", "leave": "orange"}
REPORTED: Final = {"province": "省平台", "vendor": "厂商"}
"""Whose number a case has outside, while it waits for them."""
WEEKDAYS: Final = "一二三四五六日"
_DAY: Final = timedelta(days=1)


def span(first: date, days: int) -> Json:
    """The query of intake's shifts."""
    begins = datetime.combine(first, time(), BEIJING)
    return {"from": begins.isoformat(), "to": (begins + timedelta(days=days)).isoformat(), "limit": 5_000}


def week(monday: date, shifts: Iterable[Json], names: Mapping[str, str]) -> list[Json]:
    """A row for everybody who is in the directory or has a shift, with a list of shifts for each of the seven days."""
    by_person: dict[str, list[list[Json]]] = {id_: [[] for _ in range(7)] for id_ in names}
    for shift in shifts:
        cells = by_person.setdefault(shift["engineer"], [[] for _ in range(7)])
        for day in days_of(shift):
            if 0 <= (n := (day - monday).days) < 7:
                cells[n].append(piece(shift, day))
    return [{"id": id_, "name": names.get(id_, id_), "days": cells} for id_, cells in by_person.items()]


def days_of(shift: Json) -> list[date]:
    """Each day in Beijing that it touches."""
    begins, ends = _local(shift["begins"]), _local(shift["ends"])
    last = (ends - timedelta(microseconds=1)).date()
    return [begins.date() + timedelta(days=n) for n in range((last - begins.date()).days + 1)]


def piece(shift: Json, day: date) -> Json:
    """The part of a shift that lies on one day: 08:30–17:30, 17:30–24:00, 全天."""
    begins, ends = _local(shift["begins"]), _local(shift["ends"])
    first = f"{begins:%H:%M}" if begins.date() == day else "00:00"
    last = f"{ends:%H:%M}" if ends.date() == day else "24:00"
    hours = "全天" if (first, last) == ("00:00", "24:00") else f"{first}–{last}"
    kind = shift.get("kind", "duty")
    return {
        "note": "",
        **shift,
        "kind": kind,
        "hours": hours,
        "kind_name": KINDS[kind],
        "colour": COLOURS[kind],
        "begun": begins.date() == day,
    }


def month(first: date, shifts: Sequence[Json], names: Mapping[str, str], holidays: Statutory) -> list[list[Json]]:
    """Weeks of seven days; days of the months before and after are `outside`."""
    by_day: dict[date, list[Json]] = {}
    for shift in shifts:
        for day in days_of(shift):
            by_day.setdefault(day, []).append({**piece(shift, day), "name": names.get(shift["engineer"], "")})
    return [
        [
            {
                "day": day,
                "outside": day.month != first.month,
                "mark": mark(day, holidays),
                "shifts": by_day.get(day, []),
            }
            for day in days
        ]
        for days in grid(first)
    ]


def mark(day: date, holidays: Statutory) -> str:
    """休: a public holiday; 班: a weekend day that is worked; 预: a holiday that is not announced yet."""
    if day in holidays.worked:
        return "班"
    if day in holidays.off:
        return "休"
    return "预" if day in holidays.forecast else ""


def shift_of(form: Mapping[str, str]) -> Json:
    """The shift that a form asks for; hours that end before they begin end on the next day. Raises ValueError."""
    day = date.fromisoformat(form["day"])
    begins, ends = time.fromisoformat(form["begins"]), time.fromisoformat(form["ends"])
    last = day if ends > begins else day + _DAY
    at = {"begins": datetime.combine(day, begins, BEIJING), "ends": datetime.combine(last, ends, BEIJING)}
    asked = {name: form.get(name, "") for name in ("engineer", "kind", "note")}
    return {**asked, **{name: moment.isoformat() for name, moment in at.items()}}


def _local(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(BEIJING)
