"""Asks for the run of every schedule that is due. An occurrence always has the same ids, so that it is asked for once,
however many services look, and however often; what came due while none was running is made up for, the newest only.
"""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from chassis.calendars.book import CalendarBook, UnknownCalendar
from chassis.calendars.hours import OutOfRange
from chassis.http import now
from chassis.logging import logger
from chassis.outgoing import from_command
from chassis.service import Service
from chassis.store import Document
from chassis.zone import BEIJING
from contracts.envelope import Actor, derive_id
from contracts.schedule import Scheduled
from contracts.stats import CURRENT, FollowUp, RequestRun
from services.stats.runs.store import Runs
from services.stats.schedules.model import Schedule
from services.stats.schedules.store import Schedules
from services.stats.schedules.timing import IsWorkday, counted, latest

EVERY_S = 20.0
MADE_UP = timedelta(days=7)

log = logger(__name__)


def workdays(book: CalendarBook, name: str) -> IsWorkday:
    """Whether a day is a working day by this calendar: whether it is open at all. Raises UnknownCalendar."""
    hours = book.current(name)

    @lru_cache(maxsize=2_000)
    def is_workday(day: date) -> bool:
        start = datetime.combine(day, time(), BEIJING)
        try:
            return any(True for _ in hours.openings(start, start + timedelta(days=1)))
        except OutOfRange:
            return day.weekday() < 5

    return is_workday


class Planner:
    def __init__(
        self, service: Service, schedules: Schedules, runs: Runs, book: CalendarBook,
        clock: Callable[[], datetime] = now,
    ) -> None:  # fmt: skip
        self._service, self._schedules, self._runs, self._book = service, schedules, runs, book
        self._clock = clock

    async def look(self) -> None:
        """Ask for what is due by now."""
        at = self._clock()
        for document in await self._schedules.all():
            try:
                wish = request(document, at, self._book)
            except (ValueError, UnknownCalendar) as error:  # one that cannot be read does not hold up the others
                log.error("schedule cannot be planned", schedule=str(document.id), error=type(error).__name__)
                continue
            if wish is not None and await self._runs.find(wish.run_id) is None:
                await self._service.outbox.publish([from_command(wish)])


def request(document: Document[Schedule], at: datetime, book: CalendarBook) -> RequestRun | None:
    """The newest that is due by `at`, for whoever saved the schedule: he is told of the result.

    Raises UnknownCalendar, and ValueError for a schedule that an older version of the product has let through.
    """
    if document.state is None or document.state.scheduled is None:
        return None
    scheduled = Scheduled.model_validate(document.state.scheduled)
    since = max(document.state.saved_at, at - MADE_UP)
    is_workday = workdays(book, scheduled.timing.calendar)
    if scheduled.paused or (due := latest(scheduled.timing, since, at, is_workday)) is None:
        return None
    run_id = derive_id("scheduled run", document.id, due.isoformat())
    period = counted(scheduled.span, due.date())
    wanted = scheduled.wanted.model_copy(update={"period": period, "name": scheduled.name})
    return RequestRun(
        id=derive_id(run_id, "request"), occurred_at=due, actor=Actor(kind="staff", id=document.state.saved_by),
        run_id=run_id, kind=scheduled.kind, report=scheduled.report, upload_id=CURRENT, wanted=wanted,
        schedule=document.id, then=tuple(_dated(follow, period) for follow in scheduled.then),
    )  # fmt: skip


def _dated(follow: FollowUp, period: str) -> FollowUp:
    """What follows counts the same period, where it names none of its own."""
    wanted = follow.wanted if follow.wanted.period else follow.wanted.model_copy(update={"period": period})
    return follow.model_copy(update={"wanted": wanted, "then": tuple(_dated(f, period) for f in follow.then)})
