"""The planner: definitions, contracts and calendars as they are now become commands, and the log does the rest.

What it wishes has an id that follows from what is stored and what is wished: two processes wish it once.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from chassis.broker import NatsOutbox
from chassis.logging import logger
from chassis.outgoing import from_command
from contracts.envelope import SYSTEM, derive_id
from contracts.obligation import ObligationPlan, OpenObligation
from services.sla.clock import Hours
from services.sla.contracts import Contracts
from services.sla.obligations import metrics
from services.sla.obligations.definition import Definition
from services.sla.obligations.plan import Parties, plans
from services.sla.obligations.store import Occurrences
from services.sla.obligations.wishing import frozen, wishes

AGAIN = timedelta(hours=1)
_BACK = timedelta(days=40)  # a deadline may have been moved to an earlier day
_FORWARD = {"month": timedelta(days=50), "quarter": timedelta(days=120), "year": timedelta(days=400)}
_ANY = timedelta(days=36_500)

log = logger(__name__)


class Planner:
    """`look` plans every hour, and at once when the directory or a calendar has changed."""

    def __init__(
        self,
        occurrences: Occurrences,
        outbox: NatsOutbox,
        definitions: Sequence[Definition],
        contracts: Contracts,
        calendars: Callable[[], Mapping[str, Hours]],
        ready: Callable[[], Awaitable[None]],
    ) -> None:
        """`ready` raises while the contracts are not all known: nothing may be dropped because of that."""
        self._occurrences, self._outbox, self.definitions = occurrences, outbox, definitions
        self._contracts, self._calendars, self._ready = contracts, calendars, ready
        self._known: object = None
        self._again = False
        self._at = datetime.min.replace(tzinfo=UTC)
        self._coming: tuple[object, dict[UUID, ObligationPlan]] = None, {}

    @property
    def parties(self) -> Parties:
        return Parties(self._contracts.all, dict(self._contracts.names))

    @property
    def calendars(self) -> Mapping[str, Hours]:
        return self._calendars()

    async def look(self) -> None:
        now = datetime.now(UTC)
        known = self._around()
        if known != self._known or now - self._at > AGAIN:
            # What was wished is looked at once more: it may have been planned by what has changed since.
            self._again = await self.plan(now) > 0 and not self._again
            self._known, self._at = None if self._again else known, now

    async def plan(self, now: datetime) -> int:
        """Wish what is not there yet, or is there otherwise; returns how much."""
        await self._ready()
        parties = self.parties  # at once: while others run, the directory may be forgotten to be read anew
        stored = {d.id: d for d in await self._occurrences.changeable(now)}
        since = min([now, *(d.state.plan.due_at for d in stored.values() if d.state and not frozen(d.state, now))])
        wanted, failed = await asyncio.to_thread(self._wanted, parties, now, since - _BACK)
        stored |= {d.id: d for d in await self._occurrences.known(wanted.keys() - stored.keys())}
        before = {id_: d.state for id_, d in stored.items() if d.state is not None}
        wished = wishes(wanted, before, now, parties.names, failed)
        commands = [
            OpenObligation(
                id=derive_id("plan", id_, stored[id_].version if id_ in stored else 0, _without_time(plan)),
                occurred_at=now, actor=SYSTEM, obligation_id=id_, plan=plan,
            )
            for id_, plan in wished
        ]  # fmt: skip
        await self._outbox.publish([from_command(command) for command in commands])
        if commands:
            log.info("obligations planned", wished=len(commands))
        return len(commands)

    async def coming(self, now: datetime, ahead: timedelta) -> dict[UUID, ObligationPlan]:
        """What will be due, whether it has been opened or not; worked out once an hour while nothing changes."""
        hour, parties, calendars = now.replace(minute=0, second=0, microsecond=0), self.parties, self.calendars
        key = hour, ahead, self._around()
        if self._coming[0] != key:
            found = await asyncio.to_thread(
                lambda: dict(plans(self.definitions, parties, calendars, hour, hour + ahead))
            )
            self._coming = key, found
        return {id_: plan for id_, plan in self._coming[1].items() if plan.items and plan.due_at > now}

    def _around(self) -> object:
        """All that plans follow from, beside the definitions."""
        return self.parties, {name: hours.version for name, hours in self.calendars.items()}

    def _wanted(
        self, parties: Parties, now: datetime, since: datetime
    ) -> tuple[dict[UUID, ObligationPlan], set[tuple[str, str]]]:
        """What there should be, and which definition could not be planned of which holder."""
        found: dict[UUID, ObligationPlan] = {}
        failures: dict[tuple[str, str], Exception] = {}
        for definition in self.definitions:
            until = now + _FORWARD.get(definition.every, _ANY)
            found |= dict(plans([definition], parties, self.calendars, since, until,
                                lambda name, holder, error: failures.update({(name, holder): error})))  # fmt: skip
        for (name, holder), error in failures.items():
            metrics.UNPLANNED.labels(name).inc()
            log.warning("an obligation cannot be planned", definition=name, holder=holder, error=str(error)[:300])
        return found, set(failures)


def _without_time(plan: ObligationPlan) -> str:
    """What is wished, whoever wishes it when."""
    return plan.model_dump_json(exclude={"since"})
