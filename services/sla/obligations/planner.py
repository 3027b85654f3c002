"""The planner: definitions, contracts and calendars as they are now become commands, and the log does the rest.

What it wishes has an id that follows from what is stored and what is wished: two processes wish it once.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec

from chassis.broker import NatsOutbox
from chassis.logging import logger
from chassis.outgoing import from_command
from contracts.envelope import SYSTEM, derive_id
from contracts.obligation import ObligationPlan, OpenObligation
from services.sla.clock import Hours
from services.sla.contracts import Contracts
from services.sla.obligations.definition import Definition
from services.sla.obligations.fold import plan_of
from services.sla.obligations.model import Occurrence
from services.sla.obligations.plan import Parties, plans
from services.sla.obligations.store import Occurrences

AHEAD = timedelta(days=3)  # an occurrence is there before it begins, to be seen and to be done early
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
        self._at = datetime.min.replace(tzinfo=UTC)

    @property
    def parties(self) -> Parties:
        return Parties(self._contracts.all, dict(self._contracts.names))

    @property
    def calendars(self) -> Mapping[str, Hours]:
        return self._calendars()

    async def look(self) -> None:
        now = datetime.now(UTC)
        known = self.parties, {name: hours.version for name, hours in self.calendars.items()}
        if known != self._known or now - self._at > AGAIN:
            await self.plan(now)
            self._known, self._at = known, now

    async def plan(self, now: datetime) -> int:
        """Wish what is not there yet, or is there otherwise; returns how much."""
        await self._ready()
        stored = {d.id: d for d in await self._occurrences.changeable(now)}
        before = {id_: d.state for id_, d in stored.items() if d.state is not None}
        wanted = await asyncio.to_thread(self._wanted, self.parties, now, before)
        wished = wishes(wanted, before, now)
        commands = [
            OpenObligation(
                id=derive_id("plan", id_, stored[id_].version if id_ in stored else 0, plan.model_dump_json()),
                occurred_at=now, actor=SYSTEM, obligation_id=id_, plan=plan,
            )
            for id_, plan in wished
        ]  # fmt: skip
        await self._outbox.publish([from_command(command) for command in commands])
        if commands:
            log.info("obligations planned", wished=len(commands))
        return len(commands)

    async def coming(self, now: datetime, until: datetime) -> dict[UUID, ObligationPlan]:
        """What will be due, whether it has been opened or not."""
        return dict(await asyncio.to_thread(lambda p, c: list(plans(self.definitions, p, c, now, until)),
                                            self.parties, self.calendars))  # fmt: skip

    def _wanted(self, parties: Parties, now: datetime, before: Mapping[UUID, Occurrence]) -> dict[UUID, ObligationPlan]:
        since, calendars = min([now, *(o.plan.due_at for o in before.values())]) - _BACK, self.calendars
        found: dict[UUID, ObligationPlan] = {}
        for definition in self.definitions:
            until = now + _FORWARD.get(definition.every, _ANY)
            found |= dict(plans([definition], parties, calendars, since, until))
        return found


def wishes(
    wanted: Mapping[UUID, ObligationPlan], before: Mapping[UUID, Occurrence], now: datetime
) -> list[tuple[UUID, ObligationPlan]]:
    """What has to change. An occurrence that nobody knew before its deadline is not made up afterwards."""
    found = []
    for id_, plan in wanted.items():
        if id_ in before:
            if plan_of(plan) != before[id_].plan:
                found.append((id_, plan))
        elif plan.items and plan.opens_at - AHEAD <= now < plan.due_at:
            found.append((id_, plan))
    gone = [(id_, o) for id_, o in before.items() if id_ not in wanted and o.state == "open"]
    found += [(id_, ObligationPlan.model_validate({**msgspec.to_builtins(o.plan), "items": ()})) for id_, o in gone]
    return found
