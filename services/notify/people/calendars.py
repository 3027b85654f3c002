"""The business calendars that promises go by, as sla says them: asked for at the start and every minute.

Until sla has answered, the calendars that are shipped hold; afterwards its last answer does, whether it runs or not.
"""

from collections.abc import Sequence

import msgspec
from nats.aio.client import Client
from nats.errors import NoRespondersError

from chassis.calendars.book import CalendarBook, UnknownCalendar
from chassis.calendars.definition import Definition
from chassis.calendars.hours import Hours
from chassis.logging import logger

SUBJECT = "sla.query.calendars"
ASK_EVERY_S, ANSWER_WITHIN_S = 60.0, 2.0

log = logger(__name__)


class Answer(msgspec.Struct):
    """What sla answers: the calendars in force, each with its holidays resolved."""

    calendars: tuple[Definition, ...]


class Calendars:
    """`hours` answers from memory; a calendar is compiled when it is first asked for."""

    def __init__(self) -> None:
        self._book: CalendarBook | None = None
        self._versions: tuple[str, ...] = ()

    def hours(self, name: str) -> Hours | None:
        """The open time of a calendar; None when there is none of this name."""
        if self._book is None:
            self._book = CalendarBook.load()
        try:
            return self._book.current(name)
        except UnknownCalendar:
            return None

    def names(self) -> tuple[str, ...]:
        """Every calendar there is."""
        if self._book is None:
            self._book = CalendarBook.load()
        return self._book.names

    async def ask(self, nc: Client) -> None:
        """Take over what sla says; where it does not answer, nothing changes."""
        try:
            answer = await nc.request(SUBJECT, b"", timeout=ANSWER_WITHIN_S)
            self.take(msgspec.json.decode(answer.data, type=Answer).calendars)
        except (NoRespondersError, TimeoutError):
            return
        except msgspec.DecodeError as error:
            log.warning("calendars as sla says them cannot be read", error=str(error)[:300])

    def take(self, definitions: Sequence[Definition]) -> None:
        """These hold from now on."""
        versions = tuple(d.version for d in definitions)
        if versions != self._versions:
            self._book, self._versions = CalendarBook(definitions), versions
            log.info("calendars", versions=versions)
