"""What workers say goes out together: reports before questions, and nobody loses his message while he waits."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from chassis.outgoing import Outgoing
from contracts.delivery import ClaimDelivery, Handover, ReportDelivery
from services.notify.providers.claims import Claims, report_of

EXAMPLE = Path(__file__).parents[3] / "contracts/examples/Handover.json"
HANDOVER = Handover.model_validate_json(EXAMPLE.read_bytes())
CLAIM, REPORT = (model.model_fields["type"].default for model in (ClaimDelivery, ReportDelivery))


class Connection:
    def new_inbox(self) -> str:
        return "inbox"


class Outbox:
    """Fails as often as it is told to."""

    def __init__(self, failures: int = 0) -> None:
        self.failures, self.batches = failures, list[list[str]]()

    async def publish(self, outgoing: Sequence[Outgoing]) -> None:
        await asyncio.sleep(0)
        if self.failures:
            self.failures -= 1
            raise TimeoutError
        self.batches.append([out.subject for out in outgoing])


def claims_on(outbox: Outbox) -> Claims:
    nc: Any = Connection()
    there: Any = outbox
    return Claims(nc, there, within_s=0.2)


def report(worker: str) -> ReportDelivery:
    return report_of(HANDOVER, worker, datetime(2026, 11, 22, tzinfo=UTC), outcome="sent")


async def test_in_a_batch_reports_are_before_questions() -> None:
    outbox = Outbox()
    claims = claims_on(outbox)
    asked = [asyncio.create_task(claims.claim(HANDOVER, f"w{n}", 20)) for n in range(3)]
    told = [asyncio.create_task(claims.report(report(f"w{n}"))) for n in range(2)]
    await asyncio.gather(*asked, *told)
    assert outbox.batches == [[REPORT] * 2 + [CLAIM] * 3]


async def test_who_waits_to_report_keeps_his_message(monkeypatch: Any) -> None:
    async def at_once(_: float) -> None: ...

    outbox, alive = Outbox(failures=3), list[int]()

    async def working() -> None:
        alive.append(len(outbox.batches))

    claims = claims_on(outbox)
    monkeypatch.setattr("services.notify.providers.claims.asyncio.sleep", _hurried(asyncio.sleep))
    await claims.report(report("w"), working)
    assert alive == [0, 0, 0, 0] and outbox.batches == [[REPORT]]


def _hurried(sleep: Any) -> Any:
    async def hurried(_: float) -> None:
        await sleep(0)

    return hurried
