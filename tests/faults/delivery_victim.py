"""The real notify in a process that ends itself with SIGKILL: `python -m tests.faults.delivery_victim <step> <n>`.

The n-th time that a delivery by the provider named like the step comes to it, the process is gone.
"""

import asyncio
import sys
from typing import Any

from contracts.delivery import Handover, ReportDelivery
from services.notify.providers import attempt as trying
from services.notify.providers import worker
from services.notify.providers.attempt import Outcome, attempt
from services.notify.providers.claims import Claims
from services.notify.providers.pulls import Taken
from services.notify.providers.queues import Queue
from tests.faults.victim import Fate
from yibao.serve import serve_service

TAKEN, CLAIMED, ACCEPTED, REPORTED = "taken", "claimed", "accepted", "reported"
STEPS = (TAKEN, CLAIMED, ACCEPTED, REPORTED)


def doom(fate: Fate) -> None:
    """Put the end between the steps of a worker; those of other providers rest, so that each end is one end."""
    take, report, run = Queue.take, Claims.report, worker.Worker.run

    async def mortal_take(self: Queue) -> Taken:
        taken = await take(self)
        fate.reached(TAKEN)
        return taken

    async def mortal_attempt(handover: Handover, *more: Any) -> Outcome:
        fate.reached(CLAIMED)
        outcome = await attempt(handover, *more)
        fate.reached(ACCEPTED)
        return outcome

    async def mortal_report(self: Claims, said: ReportDelivery, *more: Any) -> None:
        await report(self, said, *more)
        fate.reached(REPORTED)

    async def rest(self: worker.Worker) -> None:
        if f"-{fate.step}-" in self.token:
            await run(self)
        await asyncio.Event().wait()

    # By name: they take the places of what has other parameters.
    for place, name, mortal in (
        (Queue, "take", mortal_take), (trying, "attempt", mortal_attempt), (Claims, "report", mortal_report),
        (worker.Worker, "run", rest),
    ):  # fmt: skip
        setattr(place, name, mortal)


if __name__ == "__main__":
    doom(Fate(sys.argv[1], int(sys.argv[2])))
    serve_service("notify")
