"""Keeps the book of promises up to date: from files at the start, from the API, from other processes of sla."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from chassis.calendars.book import CalendarBook
from chassis.calendars.definition import Calendar, Definition
from chassis.errors import Refused
from chassis.logging import logger
from services.sla.book import Book
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
        """What the files say, where they say something else than at the last start; otherwise what was kept, with the
        public holidays that are known now.
        """
        policies, calendars, files = load(self._policies), CalendarBook.load(self._calendars), self._digest()
        await self.refresh()
        if await self._editions.files() != files:
            log.warning("the files' promises hold from now on", edition=len(self.book.editions) + 1)
            await self._editions.begin(len(self.book.editions), policies, calendars, files, "files", datetime.now(UTC))
        else:
            kept = self.book.editions[-1]
            fresh = CalendarBook(Definition.resolve(d.calendar) for d in kept.definitions)
            if {d.version for d in fresh.definitions} != {d.version for d in kept.definitions}:
                await self._begin(kept.policies, fresh, "holidays")
        await self.refresh()

    async def refresh(self) -> None:
        """Read what was kept since the last time."""
        if news := await self._editions.after(len(self.book.editions)):
            self.book = Book([*self.book.editions, *news])
            log.info("promises", edition=len(self.book.editions), version=self.book.version)
            self.changed(self.book)

    async def set_policies(self, policies: Sequence[Policy], by: str) -> None:
        """Raises ValueError when they cannot hold, Refused when somebody else was faster."""
        await self._begin(policies, CalendarBook(self.book.editions[-1].definitions), by)

    async def set_calendar(self, calendar: Calendar, by: str) -> None:
        """Add or replace one. Raises ValueError and Refused as `set_policies`."""
        now = self.book.editions[-1]
        kept = [d for d in now.definitions if d.calendar.name != calendar.name]
        await self._begin(now.policies, CalendarBook([*kept, Definition.resolve(calendar)]), by)

    async def _begin(self, policies: Sequence[Policy], calendars: CalendarBook, by: str) -> None:
        now = self.book.editions[-1]
        if tuple(policies) == now.policies and calendars.definitions == now.definitions:
            return  # what holds already
        known, files = len(self.book.editions), await self._editions.files()
        if not await self._editions.begin(known, policies, calendars, files, by, datetime.now(UTC)):
            raise Refused("stale", "时限政策刚被他人修改: 请刷新后再试")
        await self.refresh()

    def _digest(self) -> str:
        """Of the files as they are written."""
        files = [self._policies, *sorted(self._calendars.glob("*.yaml"))]
        return sha256(b"\0".join(path.read_bytes() for path in files)).hexdigest()
