"""The real intake loop in a process that ends itself with SIGKILL: `python -m tests.faults.victim <step> <n>`.

The n-th time that the loop comes to the step, the process is gone; step `never` runs until it is killed.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from typing import Any, cast

from nats.aio.client import Client
from nats.aio.msg import Msg

from chassis import broker, store
from chassis.aggregate import Folded
from chassis.broker import NatsOutbox
from chassis.inbox import NatsInbox
from chassis.loop import Loop
from chassis.outgoing import Outgoing
from chassis.vault import Vault
from contracts.topology import durables_of
from services.intake.fold import fold
from services.intake.receive import check_again
from services.intake.store import Cases
from yibao.settings import StackSettings

ATOMIC, SINGLES = "in an atomic batch", "between single messages"
STEPS = ("fetched", "written", ATOMIC, SINGLES, "published", "acknowledging")
BATCH = 40


class Fate:
    """Counts down to the end."""

    def __init__(self, step: str, n: int) -> None:
        self.step, self._left = step, n

    def reached(self, step: str) -> None:
        if step == self.step:
            self._left -= 1
            if self._left == 0:
                os.kill(os.getpid(), signal.SIGKILL)


class MortalClient:
    """What the outbox uses of a client; what was sent has reached the server when the end comes."""

    def __init__(self, nc: Client, fate: Fate) -> None:
        self._nc, self._fate = nc, fate

    async def publish(self, subject: str, payload: bytes, **more: Any) -> None:
        await self._nc.publish(subject, payload, **more)
        if more["headers"].get("Nats-Batch-Sequence") == "5":
            await self._nc.flush()
            self._fate.reached(ATOMIC)

    async def request(self, subject: str, payload: bytes, **more: Any) -> Msg:
        answer = await self._nc.request(subject, payload, **more)
        if "Nats-Batch-Id" not in more["headers"]:
            self._fate.reached(SINGLES)
        return answer


class MortalOutbox(NatsOutbox):
    """To die between single messages it needs a batch that is refused: a few of its messages are stored before."""

    def __init__(self, nc: Client, fate: Fate) -> None:
        super().__init__(cast(Client, MortalClient(nc, fate)))
        self._fate = fate

    async def publish(self, outgoing: Sequence[Outgoing]) -> None:
        if self._fate.step == SINGLES:
            for out in outgoing[:3]:
                await super().publish([out])
        await super().publish(outgoing)


async def live(fate: Fate) -> None:
    settings = StackSettings().located()
    nc: Client = await broker.connect(settings, "victim").connect()
    cases = Cases(store.connect(settings.mongo_url)[settings.mongo_db], Vault(bytes(32)))
    [durable] = [d for d in durables_of("intake") if d.stream == "CHANNEL" and not d.part]
    loop = Loop(
        durable.name, Folded(fold, again=check_again), cases, NatsInbox(nc, durable), MortalOutbox(nc, fate),
        batch=BATCH, checkpoint=fate.reached,
    )  # fmt: skip
    await loop.run()


if __name__ == "__main__":
    asyncio.run(live(Fate(sys.argv[1], int(sys.argv[2]))))
