"""The auditor: every night the clocks are computed anew from the CASE stream, and must be what is stored.

Facts of a case are summed up in one number, in whatever order they come, so that a stream of millions fits in memory.
What has not arrived yet, or is older than the stream, is no difference.
"""

from datetime import UTC, date, datetime, timedelta
from hashlib import blake2b
from typing import NamedTuple
from uuid import UUID

import msgspec
from msgspec.structs import replace
from nats.js import JetStreamContext

from chassis.logging import logger
from chassis.zone import BEIJING
from services.sla import metrics
from services.sla.contracts import Contracts
from services.sla.cycle import Fact
from services.sla.facts import fact_of
from services.sla.fold import SlaFold
from services.sla.model import CaseClocks
from services.sla.replayed import case_events
from services.sla.store import Clocks

SETTLED = timedelta(minutes=5)  # what happened since may be on its way
_NOBODY = Contracts()

log = logger(__name__)


class Found(NamedTuple):
    """`checked` cases, of which these have other facts than the stream, or other clocks than their facts."""

    checked: int
    other_facts: tuple[UUID, ...]
    other_clocks: tuple[UUID, ...]

    @property
    def differences(self) -> int:
        return len(self.other_facts) + len(self.other_clocks)


class Auditor:
    """Looks once every night, at `hour` in China."""

    def __init__(self, js: JetStreamContext, clocks: Clocks, fold: SlaFold, hour: int) -> None:
        self._js, self._clocks, self._fold, self._hour = js, clocks, fold, hour
        self._last: date | None = None

    async def at_night(self) -> None:
        now = datetime.now(BEIJING)
        if now.hour == self._hour and now.date() != self._last:
            metrics.DIFFERENCES.set((await audit(self._js, self._clocks, self._fold, now)).differences)
            self._last = now.date()


class _Heard:
    """What the stream says of one case: which versions, as bits, and the sum of their facts."""

    __slots__ = ("latest", "opened", "sum", "versions")

    def __init__(self) -> None:
        self.versions = self.sum = 0
        self.opened = False
        self.latest = datetime.min.replace(tzinfo=UTC)


async def audit(js: JetStreamContext, clocks: Clocks, fold: SlaFold, now: datetime) -> Found:
    """Replay the stream, then look at every case whose beginning it still holds."""
    heard = await _replay(js)
    checked, facts, other = 0, [], []
    async for case in clocks.every():
        told = heard.get(case.case_id)
        if told is None or not told.opened or now - told.latest < SETTLED:
            continue
        checked += 1
        if (told.versions.bit_count(), told.sum) != (len(case.facts), _sum(case)):
            facts.append(case.case_id)
        elif fold.told(case) != case:
            other.append(case.case_id)
    found = Found(checked, tuple(facts), tuple(other))
    level = log.error if found.differences else log.info
    level(
        "clocks audited",
        checked=checked,
        other_facts=list(map(str, facts[:10])),
        other_clocks=list(map(str, other[:10])),
    )
    return found


async def _replay(js: JetStreamContext) -> dict[UUID, _Heard]:
    heard: dict[UUID, _Heard] = {}
    async for event in case_events(js):
        case = heard.setdefault(event.case_id, _Heard())
        fact = fact_of(event, _NOBODY, event.occurred_at)
        if case.versions >> event.version & 1:
            continue  # stored twice, after the broker's window of duplicates
        case.versions |= 1 << event.version
        case.sum ^= _digest(fact)
        case.opened = case.opened or fact.type == "opened"
        case.latest = max(case.latest, event.recorded_at)
    return heard


def _sum(case: CaseClocks) -> int:
    total = 0
    for fact in case.facts:
        total ^= _digest(fact)
    return total


def _digest(fact: Fact) -> int:
    """Of what the event itself said: the contract that it came under is looked up when it is heard."""
    if fact.about is not None:
        fact = replace(fact, about=replace(fact.about, contract=None, promised=None))
    return int.from_bytes(blake2b(msgspec.json.encode(fact), digest_size=8).digest())
