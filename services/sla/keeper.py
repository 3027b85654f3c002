"""Keeps the book of promises up to date: from files at the start, from the API, from other processes of sla."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from chassis.errors import Refused
from chassis.logging import logger
from services.sla.book import Book
from services.sla.calendars.book import CalendarBook
from services.sla.calendars.definition import Calendar, Definition
from services.sla.editions import Editions
from services.sla.policy import Policy, load

log = logger(__name__)


class Keeper:
    """`book` is what holds. Whoever needs to know hears of another one by `changed`."""

    def __init__(self, editions: Editions, policies: Path, calendars: Path) -> None:
        self._editions, self._policies, self._calendars = editions, policies, calendars
        self.book = Book(())
        self.changed: Callable[[Book], None] = lambda book: None

    async def open(self) -> None:
        """What files say, where they say something else than at the last start; otherwise what was kept."""
        policies, calendars = load(self._policies), CalendarBook.load(self._calendars)
        files = sha256(repr((policies, [d.version for d in calendars.definitions])).encode()).hexdigest()
        if await self._editions.files() != files:
            await self._editions.begin(policies, calendars, files, datetime.now(UTC))
        await self.refresh()

    async def refresh(self) -> None:
        """Read again what is kept."""
        book = await self._editions.book()
        if book is not None and len(book.editions) != len(self.book.editions):
            self.book = book
            log.info("promises", edition=len(book.editions), version=book.version)
            self.changed(book)

    async def set_policies(self, policies: Sequence[Policy]) -> None:
        """Raises ValueError when one names a calendar that is not there, Refused when somebody else was faster."""
        await self._begin(policies, self._now())

    async def set_calendar(self, calendar: Calendar) -> None:
        """Add or replace one. Raises Refused when somebody else was faster."""
        kept = [d for d in self._now().definitions if d.calendar.name != calendar.name]
        await self._begin(self.book.editions[-1].policies, CalendarBook([*kept, Definition.resolve(calendar)]))

    def _now(self) -> CalendarBook:
        return CalendarBook(self.book.editions[-1].definitions)

    async def _begin(self, policies: Sequence[Policy], calendars: CalendarBook) -> None:
        files = await self._editions.files() or ""
        if not await self._editions.begin(policies, calendars, files, datetime.now(UTC)):
            raise Refused("stale", "时限政策刚被他人修改: 请刷新后再试")
        await self.refresh()
