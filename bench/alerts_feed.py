"""The load of the notify bench, what the vendors took of it, and the memory that notify holds meanwhile."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

from bench.alerts_people import HEALTHY, Person, is_his
from bench.processes import rss_mb
from bench.result import percentile
from bench.world import World
from chassis.outgoing import Outgoing
from contracts.envelope import SYSTEM
from contracts.sla import SlaBreached

EVERY_S = 0.05
MOST = 250
PATIENCE_S = 120.0


class Taken(NamedTuple):
    at: float
    vendor: str
    to: str


class Takings:
    """What the vendors have written down, by the number of the alert."""

    def __init__(self, path: Path) -> None:
        path.touch()
        self._file, self._rest = path.open(encoding="utf-8"), ""
        self.by_number: dict[int, list[Taken]] = defaultdict(list)

    def read(self) -> int:
        """Take in what is new; how many alerts have been taken by now."""
        *lines, self._rest = (self._rest + self._file.read()).split("\n")
        for line in lines:
            at, vendor, number, to = line.split(" ")
            self.by_number[int(number)].append(Taken(float(at), vendor, to))
        return len(self.by_number)


class Load:
    """Alerts with running numbers, each for one person: what was said when, and to whom."""

    def __init__(self, world: World, takings: Takings) -> None:
        self._world, self._takings = world, takings
        self.said: list[tuple[float, Person]] = []

    async def feed(self, everybody: Sequence[Person], n: int, rate: float) -> range:
        """`n` alerts to these people in turn, evenly at `rate` in a second; returns their numbers."""
        first, started = len(self.said), time.perf_counter()
        while (done := len(self.said) - first) < n:
            due = min(n, int((time.perf_counter() - started) * rate) + 1) - done
            batch = [self._breach(everybody[(done + i) % len(everybody)]) for i in range(min(due, MOST))]
            if batch:
                await self._world.outbox.publish(batch)
            if due < MOST:
                await asyncio.sleep(EVERY_S)
        return range(first, first + n)

    async def taken(self, numbers: range) -> float:
        """Waits until each of them was taken, or nothing has happened for PATIENCE_S; the time of the last."""
        have, since = -1, time.perf_counter()
        while True:
            if (now := self._takings.read()) != have:
                have, since = now, time.perf_counter()
            if have >= numbers.stop or time.perf_counter() - since > PATIENCE_S:
                break
            await asyncio.sleep(0.5)
        return max((t.at for n in numbers for t in self._takings.by_number.get(n, ())), default=time.time())

    async def settled(self, within_s: float = 180.0) -> None:
        """Nothing is left to be handed over, so what comes twice has come."""
        deadline = time.perf_counter() + within_s
        while await self._world.count("DELIVERY"):
            if time.perf_counter() > deadline:
                break
            await asyncio.sleep(0.5)
        await asyncio.sleep(2.0)
        self._takings.read()

    def lost(self, numbers: range) -> int:
        """How many of them did not reach their person."""
        return sum(not self._his(n) for n in numbers)

    def doubled(self, numbers: range) -> int:
        """How many messages somebody got beyond the first about the same alert, by whatever way."""
        return sum(max(0, len(self._takings.by_number.get(n, ())) - 1) for n in numbers)

    def p99_s(self, numbers: range) -> float:
        """From the event to the hand-over, for those whose first provider is healthy."""
        waits = [
            his[0].at - self.said[n][0] for n in numbers if self.said[n][1].first in HEALTHY and (his := self._his(n))
        ]
        return percentile(waits, 0.99)

    def _his(self, n: int) -> list[Taken]:
        person = self.said[n][1]
        return sorted(t for t in self._takings.by_number.get(n, ()) if is_his(person, t.vendor, t.to))

    def _breach(self, person: Person) -> Outgoing:
        now, number = datetime.now(UTC), f"YB-{len(self.said):07}"
        case = uuid4()
        event = SlaBreached(
            id=uuid4(), cause_id=uuid4(), correlation_id=case, version=3, actor=SYSTEM, occurred_at=now,
            recorded_at=now, case_id=case, number=number, clock="first_response", cycle=1, due_at=now,
            assignee=person.id, late_ms=1, threshold="100%", targets=("assignee",),
        )  # fmt: skip
        self.said.append((now.timestamp(), person))
        return Outgoing(event.type, event.model_dump_json().encode(), str(event.id))


class Memory:
    """The resident memory of a process, every second."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self.sizes: list[float] = []

    async def watch(self) -> None:
        while True:
            self.sizes.append(rss_mb(self._pid))
            await asyncio.sleep(1.0)

    @property
    def ends(self) -> tuple[float, float]:
        """Medians: of the tenth after a warm-up of a twentieth, and of the last tenth."""
        n = len(self.sizes)
        return percentile(self.sizes[n // 20 : n // 20 + n // 10 + 1], 0.5), percentile(
            self.sizes[-(n // 10) - 1 :], 0.5
        )
