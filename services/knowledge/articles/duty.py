"""The review duty (知识库复核): how many reviews of a quarter are done, told to `sla` whenever it has changed.

A review belongs to the quarter in which it is due, by date or because of a doubt, or in which it is done. The quarter
before goes on being told while reviews of it are open: an overdue duty ends when they are done.
"""

from datetime import datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID

from chassis.http import now
from chassis.service import Service
from chassis.zone import BEIJING
from contracts.envelope import SYSTEM, derive_id
from contracts.obligation import DESK, ItemProgress, ReportObligationProgress, obligation_id
from services.knowledge.articles.queries import Query, outstanding, reviewed
from services.knowledge.articles.store import Articles

DEFINITION: Final = "knowledge_review"
EVERY_S: Final = 60.0
_DAY: Final = timedelta(days=1)


class Quarter(NamedTuple):
    """`2026-Q4`, from its first moment to the first of the next one, in Beijing."""

    key: str
    since: datetime
    until: datetime


def quarter_of(at: datetime) -> Quarter:
    day = at.astimezone(BEIJING)
    number = (day.month + 2) // 3
    since = datetime(day.year, number * 3 - 2, 1, tzinfo=BEIJING)
    until = datetime(day.year + number // 4, number % 4 * 3 + 1, 1, tzinfo=BEIJING)
    return Quarter(f"{day.year}-Q{number}", since, until)


def waiting(quarter: Quarter) -> Query:
    return outstanding(quarter.until)


async def figures(articles: Articles, quarter: Quarter) -> tuple[int, int]:
    """How many reviews are done, and how many there are to be done in all."""
    done = await articles.how_many(reviewed(quarter.since, quarter.until))
    return done, done + await articles.how_many(waiting(quarter))


class Duty:
    """Tells figures once; what `sla` has not taken is told again at the next look."""

    def __init__(self, service: Service, articles: Articles) -> None:
        self._service, self._articles = service, articles
        self._told: dict[UUID, tuple[int, int]] = {}

    async def look(self) -> None:
        present = quarter_of(now())
        for quarter in (quarter_of(present.since - _DAY), present):
            done, of = await figures(self._articles, quarter)
            id_ = obligation_id(DEFINITION, DESK, quarter.key)
            if (of or quarter is present) and self._told.get(id_) != (done, of):
                await self._tell(id_, done, of)

    async def _tell(self, id_: UUID, done: int, of: int) -> None:
        """Under an id of the minute: processes that look side by side say it once, figures that come back are heard."""
        at = now()
        command = ReportObligationProgress(
            id=derive_id("knowledge review", id_, done, of, f"{at:%Y-%m-%dT%H:%M}"), occurred_at=at, actor=SYSTEM,
            obligation_id=id_, items=(ItemProgress(key=DESK, done=done, of=of),),
        )  # fmt: skip
        reply = await self._service.commands.send(command)
        if reply is not None and reply.ok:
            self._told[id_] = done, of
