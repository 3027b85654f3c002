"""The real notify in a process that ends itself with SIGKILL: `python -m tests.faults.delivery_victim <step> <n>`.

The n-th time that a delivery by the provider named like the step comes to the step, the process is gone.
"""

import sys
from typing import Any

from contracts.delivery import Handover, ReportDelivery
from services.notify.providers import worker
from services.notify.providers.attempt import Outcome
from services.notify.providers.claims import Claims
from services.notify.providers.queues import Queue, Taken
from tests.faults.victim import Fate
from yibao.serve import serve_service

TAKEN, CLAIMED, ACCEPTED, REPORTED = "taken", "claimed", "accepted", "reported"
STEPS = (TAKEN, CLAIMED, ACCEPTED, REPORTED)


def doom(fate: Fate) -> None:
    """Put the end between the steps of a worker."""
    take, attempt, report = Queue.take, worker.attempt, Claims.report

    def reached(step: str, provider: str) -> None:
        if provider == step:
            fate.reached(step)

    async def mortal_take(self: Queue) -> Taken:
        taken = await take(self)
        reached(TAKEN, taken.delivery.subject.rsplit(".", 1)[1])
        return taken

    async def mortal_attempt(handover: Handover, *more: Any) -> Outcome:
        reached(CLAIMED, handover.provider)
        outcome = await attempt(handover, *more)
        reached(ACCEPTED, handover.provider)
        return outcome

    async def mortal_report(self: Claims, said: ReportDelivery) -> None:
        await report(self, said)
        # The report does not name the provider; only the one of this step is at work on these alerts.
        if fate.step == REPORTED:
            fate.reached(REPORTED)

    Queue.take, worker.attempt, Claims.report = mortal_take, mortal_attempt, mortal_report  # type: ignore[method-assign]


if __name__ == "__main__":
    doom(Fate(sys.argv[1], int(sys.argv[2])))
    serve_service("notify")
