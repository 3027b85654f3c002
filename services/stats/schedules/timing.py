"""When a schedule is due, and which period it counts then. Pure: what a working day is, a calendar says."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta

from cronsim import CronSim, CronSimError

from chassis.errors import Refused
from chassis.zone import BEIJING
from contracts.schedule import Scheduled, Span, Timing
from services.stats.periods import of_day, period

IsWorkday = Callable[[date], bool]
_FAR = timedelta(days=366 * 5)


def check(scheduled: Scheduled) -> None:
    """Raises Refused when it can never be due."""
    try:
        if len(scheduled.timing.cron.split()) != 5:
            raise CronSimError  # with six it would be every second
        next(CronSim(scheduled.timing.cron, datetime(2024, 1, 1, tzinfo=BEIJING)))
    except (CronSimError, StopIteration):
        told = "时间写法不对: 应为五段 cron (分 时 日 月 周), 例如每月 3 日 8 点 “0 8 3 * *”, 每天 8 点 “0 8 * * *”"
        raise Refused("bad_cron", told) from None


def occurrences(timing: Timing, after: datetime, until: datetime, is_workday: IsWorkday) -> Iterator[datetime]:
    """Those after `after` up to and with `until`, in order."""
    ticks = CronSim(timing.cron, after.astimezone(BEIJING))
    while (at := next(ticks, None)) is not None and at <= until:
        if _fits(timing, at.date(), is_workday):
            yield at
        else:  # nor does any other time of this day, of which there may be a thousand
            ticks = CronSim(timing.cron, at.replace(hour=23, minute=59, second=59))


def latest(timing: Timing, after: datetime, until: datetime, is_workday: IsWorkday) -> datetime | None:
    """The last of `occurrences`; it is looked for from the end, so that a long time costs no more than a short one."""
    ticks = CronSim(timing.cron, until.astimezone(BEIJING).replace(microsecond=0) + timedelta(seconds=1), reverse=True)
    while (at := next(ticks, None)) is not None and at > after:
        if _fits(timing, at.date(), is_workday):
            return at
        ticks = CronSim(timing.cron, at.replace(hour=0, minute=0, second=0), reverse=True)
    return None


def upcoming(timing: Timing, after: datetime, is_workday: IsWorkday, most: int = 3) -> list[datetime]:
    """The next ones, as far as a calendar may know."""
    found: list[datetime] = []
    for at in occurrences(timing, after, after + _FAR, is_workday):
        found.append(at)
        if len(found) == most:
            break
    return found


def _fits(timing: Timing, day: date, is_workday: IsWorkday) -> bool:
    if not (timing.workday or timing.workdays):
        return True
    if not is_workday(day):
        return False
    return not timing.workday or timing.workday in _places(day, is_workday)


def _places(day: date, is_workday: IsWorkday) -> tuple[int, int]:
    """Which working day of its month a day is, counted from the first and from the last."""
    first = day.replace(day=1)
    after = (first + timedelta(days=31)).replace(day=1)
    days = [d for n in range((after - first).days) if is_workday(d := first + timedelta(days=n))]
    return days.index(day) + 1, days.index(day) - len(days)


def counted(span: Span, on: date) -> str:
    """The period that is counted by what is due on this day, as in contracts.stats.Wanted."""
    if span == "none":
        return ""
    if span == "yesterday":
        return of_day(on - timedelta(days=1)).text
    if span == "last_year":
        return f"{on.year - 1}"
    if span == "last_quarter":
        quarter = period(f"{on.year}-Q{(on.month - 1) // 3 + 1}")
        return quarter.before().text
    month = period(f"{on:%Y-%m}")
    if span == "this_month":
        return month.text
    return month.before().text if span == "last_month" else month.before().year_to_date().text
