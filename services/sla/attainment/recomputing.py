"""The same rows from the streams alone: from what the cases, the directory and the exemptions said."""

from collections.abc import AsyncIterator, Callable
from typing import TypeVar

from nats.js import JetStreamContext

from contracts.envelope import Event
from contracts.exemption import ExemptionEvent
from contracts.obligation import ObligationEvent
from services.sla.attainment.agreed import Agreed
from services.sla.attainment.asked import Asked
from services.sla.attainment.duties import Duty
from services.sla.attainment.judging import rows
from services.sla.attainment.retold import retold
from services.sla.attainment.row import Row
from services.sla.book import Book
from services.sla.exemptions.model import Exemption
from services.sla.exemptions.told import told
from services.sla.replayed import events, replayed

E = TypeVar("E", bound=Event)


async def recomputed(
    js: JetStreamContext, asked: Asked, book: Book, progress: Callable[[int], None] = lambda n: None
) -> list[Row]:
    """The rows as the CASE and EXEMPTION streams tell them; nothing of the database but the editions in `book`."""
    cases, exemptions = await replayed(js, progress), await exempted(js)
    found = ((row, case) for case in cases.values() for row in rows(case, asked.as_of, exemptions, book))
    return [seen for row, case in found if (seen := asked.given(row, case.asked_from)) is not None]


async def redone(js: JetStreamContext, asked: Asked) -> list[Duty]:
    """The items of obligations as the OBLIGATION stream tells them."""
    return await retold(_of(js, "OBLIGATION", ObligationEvent), asked)


async def exempted(js: JetStreamContext) -> list[Exemption]:
    """The exemptions that the stream tells of."""
    return told([event async for event in _of(js, "EXEMPTION", ExemptionEvent)])


async def agreed(js: JetStreamContext) -> Agreed:
    """The contracts and their clauses, for somebody who does not follow the directory."""
    found = Agreed()
    async for event in events(js, "DIRECTORY"):
        found.hear(event)
    return found


async def _of(js: JetStreamContext, stream: str, kind: type[E]) -> AsyncIterator[E]:
    async for event in events(js, stream):
        if isinstance(event, kind):
            yield event
