"""The canary: every few minutes a clock of seconds is started that nobody stops. It must warn and breach on time.

It goes the way of every clock, from a command through timer and fold to the stream, and nobody is told.
"""

from datetime import UTC, datetime
from uuid import UUID

from chassis.broker import NatsOutbox
from chassis.logging import logger
from chassis.outgoing import from_command
from contracts.envelope import SYSTEM, Event, derive_id
from contracts.sla import CANARY, ClockEvent, SlaBreached, SlaWarned, StartCanary
from services.sla import metrics
from services.sla.store import Clocks

log = logger(__name__)


class Canary:
    """`sing` starts another one, and counts the last as missed where it did not breach; `heard` takes what is said."""

    def __init__(self, clocks: Clocks, outbox: NatsOutbox) -> None:
        self._clocks, self._outbox = clocks, outbox
        self._last: UUID | None = None
        self._turn = 0

    def heard(self, event: Event) -> bool:
        """Whether a canary said this; it must not count among what cases say."""
        if isinstance(event, SlaWarned | SlaBreached) and event.number == CANARY:
            metrics.CANARY.labels(event.type.removeprefix("sla.")).set(event.late_ms / 1000)
        return isinstance(event, ClockEvent) and event.number == CANARY

    async def sing(self) -> None:
        now = datetime.now(UTC)
        if self._last is not None:
            case = await self._clocks.of_case(self._last)
            if case is None or not all(clock.breached for clock in case.clocks):
                metrics.MISSED.inc()
                log.error("the canary was silent", case=str(self._last))
            await self._clocks.forget(self._last)
        self._turn = 1 - self._turn
        self._last = derive_id("canary", self._turn)  # two in turn: a restart leaves none behind for ever
        await self._clocks.forget(self._last)
        wish = StartCanary(id=derive_id("sing", now.isoformat()), occurred_at=now, actor=SYSTEM, case_id=self._last)
        await self._outbox.publish([from_command(wish)])
