"""Months as tables: weeks of seven days, the month before, the month after. Pure."""

from datetime import date, datetime, timedelta

from chassis.zone import BEIJING


def today() -> date:
    return datetime.now(BEIJING).date()


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def day_in(text: str, instead: date) -> date:
    """The day that is written so; `instead` for what is no day."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return instead


def month_in(text: str, instead: date) -> date:
    """Its first day; `text` is like 2026-11."""
    return day_in(f"{text}-01", instead.replace(day=1))


def beside(first: date) -> tuple[str, str]:
    """The month before and the one after, like 2026-11."""
    return f"{first - timedelta(days=1):%Y-%m}", f"{first + timedelta(days=31):%Y-%m}"


def grid(first: date) -> list[list[date]]:
    """The weeks that a month touches, from Monday to Sunday."""
    monday, weeks = monday_of(first), list[list[date]]()
    while not weeks or monday.replace(day=1) == first:
        weeks.append([monday + timedelta(days=n) for n in range(7)])
        monday += timedelta(days=7)
    return weeks
