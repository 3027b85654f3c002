"""Figures of a moment ago, for pages that people look at again and again: to count a busy month takes many seconds.

What is told is exact as of the moment that stands on it. What was decided since (an exemption, an agreement, a promise,
an obligation) is counted before the answer; what happened to cases since, behind it and never for long: who
looks all day costs a twentieth of a processor.
"""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

from msgspec.structs import replace

from chassis.errors import Refused
from services.sla.attainment.asked import Asked
from services.sla.attainment.reading import Reading, Source
from services.sla.attainment.report import Report
from services.sla.attainment.tally import DIMENSIONS, By

KEPT_FOR: Final = 20
"""Times as long as the counting took."""
_WAITS_S: Final = 2.0
_MOST: Final = 64
_ANY: Final = datetime.min.replace(tzinfo=UTC)
_EACH: Final = tuple((by,) for by in DIMENSIONS)
Groupings = tuple[Sequence[By], ...]
Question = tuple[Asked, Groupings]


class Counting(Refused):
    """It takes longer than somebody looks at an empty page."""

    status = 503


class Going(NamedTuple):
    """A count, and until when who asks for it waits: who comes again later is told at once."""

    task: asyncio.Task[None]
    until: float


class Counted(NamedTuple):
    report: Report
    decided: Any
    stale_at: datetime


class Recent:
    """The latest reports by question, of all those that ask the same; one is counted at a time."""

    def __init__(self, source: Source) -> None:
        self._source, self._turn = source, asyncio.Semaphore(1)
        self._counted: dict[Question, Counted] = {}
        self._counting: dict[Question, Going] = {}

    async def report(self, asked: Asked, *groupings: Sequence[By]) -> Report:
        """Raises Counting while the first is counted, LookupError as `Reading.report`."""
        reading = await self._source.ask(asked)
        together = _EACH if all(len(by) == 1 for by in groupings) else groupings  # one count for all that pages show
        question = replace(asked, as_of=_ANY, who=None if asked.everything else asked.who), together
        while (known := self._counted.get(question)) is None or known.decided != reading.decided:
            await self._wait(self._begun(question, reading))
        if known.stale_at < asked.as_of:
            self._begun(question, reading)
        names = [",".join(by) for by in groupings]
        return replace(known.report, groups={name: known.report.groups[name] for name in names})

    def _begun(self, question: Question, reading: Reading) -> Going:
        if (going := self._counting.get(question)) is None:
            task = asyncio.create_task(self._count(question, reading))
            task.add_done_callback(lambda _: self._counting.pop(question))
            going = self._counting[question] = Going(task, asyncio.get_running_loop().time() + _WAITS_S)
        return going

    async def _count(self, question: Question, reading: Reading) -> None:
        async with self._turn:
            begun = asyncio.get_running_loop().time()
            report = await reading.report(*question[1])
            took = asyncio.get_running_loop().time() - begun
        self._counted.pop(question, None)
        stale_at = reading.asked.as_of + timedelta(seconds=took * KEPT_FOR)
        self._counted[question] = Counted(report, reading.decided, stale_at)
        if len(self._counted) > _MOST:
            del self._counted[next(iter(self._counted))]

    async def _wait(self, going: Going) -> None:
        left = going.until - asyncio.get_running_loop().time()
        try:
            await asyncio.wait_for(asyncio.shield(going.task), max(0.0, left))
        except TimeoutError:
            raise Counting("counting", "这段时间的记录很多, 正在统计: 请稍后再看") from None
