"""Workers among real servers: the deliveries of alerts in the log and the store, the vendors in memory.

What an alert does is the real thing (`alerts/handing.py`, `alerts/waking.py`); only whom it tells is the test's choice.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast
from uuid import UUID, uuid4

from nats.aio.client import Client
from pymongo.asynchronous.database import AsyncDatabase

from chassis import broker, store
from chassis.aggregate import Folded
from chassis.broker import NatsOutbox
from chassis.inbox import NatsInbox
from chassis.loop import Loop
from chassis.message import Message, Moment
from chassis.outgoing import Outgoing
from chassis.provision import provision
from chassis.store import Raw, Repository
from contracts.delivery import ClaimDelivery, DeliveryCommand, Handover, ReportDelivery, ReportReceipt
from contracts.envelope import SYSTEM
from contracts.notify import AcknowledgeAlert, AlertCommand, AlertDue, PostNotice, Urgency
from contracts.topology import durables_of
from services.notify.alerts import ending, handing
from services.notify.alerts.draft import Draft
from services.notify.alerts.fold import timers
from services.notify.alerts.model import Alert, Delivery
from services.notify.alerts.plan import Planner
from services.notify.alerts.waking import woken
from services.notify.providers.bucket import Limit, Unlimited
from services.notify.providers.claims import Claims
from services.notify.providers.queues import Queue, durables, provide
from services.notify.providers.way import Way
from services.notify.providers.worker import Worker
from services.notify.transports.port import Format, Letter, Sent, Transport
from tests.support.servers import Servers, settings_in
from tests.support.wait import until

Answer = Callable[[Letter], Coroutine[Any, Any, Sent]]
_NOBODY = cast(Planner, None)  # escalations would ask it; these alerts have none


class Vendor:
    """A provider in memory: `letters` are what came; `answers` what it says to the next ones, then it takes all."""

    format: Format = "text"
    titled = True
    most_characters = most_bytes = 0

    def __init__(self, *answers: Exception | Answer) -> None:
        self.letters: list[Letter] = []
        self.answers = list(answers)

    async def send(self, letter: Letter) -> Sent:
        self.letters.append(letter)
        match self.answers.pop(0) if self.answers else None:
            case None:
                return Sent(f"theirs-{letter.id}")
            case Exception() as error:
                raise error
            case answer:
                return await answer(letter)


def fold(alert: Alert | None, moment: Moment) -> Any:
    """A notice names the ways in its body; everything else is as in the product."""
    body = moment.message.body
    if isinstance(body, PostNotice):
        alert = Alert(
            id=body.alert_id, rule="drill", urgency=cast(Urgency, body.rule), title=body.title, body="",
            audiences=("desk",), queued_at=moment.now, occurred_at=body.occurred_at,
        )  # fmt: skip
    draft = Draft(handing.present(alert, moment), moment)
    match body:
        case PostNotice():
            for recipient in body.to:
                draft.queue(recipient, body.body.split())
        case ClaimDelivery():
            handing.claimed(draft, body)
        case ReportDelivery():
            handing.reported(draft, body)
        case ReportReceipt():
            handing.receipted(draft, body)
        case AcknowledgeAlert():
            ending.acknowledged(draft, body)
        case AlertDue():
            woken(draft, {}, _NOBODY)
    return draft.done()


class Alerts(Repository[Alert]):
    def id_of(self, message: Message) -> UUID:
        assert isinstance(message.body, AlertCommand | AlertDue)
        return message.body.alert_id


class Post:
    """The alerts' own loops, and what tests do and see."""

    def __init__(self, nc: Client, db: AsyncDatabase[Raw]) -> None:
        self.nc, self.js, self.db = nc, nc.jetstream(timeout=broker.TIMEOUT_S), db
        self.outbox = NatsOutbox(nc)
        self.alerts = Alerts(db["alerts"], Alert)
        self.claims = Claims(nc, self.outbox)
        self.addresses: set[str] = set()
        self._tasks: list[asyncio.Task[None]] = []
        self.loops: list[asyncio.Task[None]] = []

    def listen(self) -> None:
        busy: Any = {}
        for durable in durables_of("notify"):
            if durable.name in ("notify-command", "notify-timer"):
                inbox = NatsInbox(self.nc, durable)
                folded = Folded(fold, timers=timers)
                loop = Loop(durable.name, folded, self.alerts, inbox, self.outbox, busy=busy)
                self.loops.append(asyncio.create_task(loop.run()))

    async def way(self, name: str, vendor: Transport | None, limit: Limit | None = None, timeout_s: float = 5.0) -> Way:
        """A provider's queues, limit and transport; nobody works on it yet."""
        await provide(self.js, name)
        queue = Queue(self.nc, self.js, name)
        await queue.listen()
        self.addresses.add(name)
        return Way(
            name, queue, limit or Unlimited(), self.claims, self.outbox, vendor, self.address_of, letter_of, timeout_s
        )

    async def hire(self, way: Way, workers: int = 1) -> list[asyncio.Task[None]]:
        tasks = [asyncio.create_task(Worker(way, n).run()) for n in range(workers)]
        self._tasks += tasks
        return tasks

    async def provider(
        self, name: str, vendor: Transport, limit: Limit | None = None, workers: int = 1, timeout_s: float = 5.0
    ) -> None:
        await self.hire(await self.way(name, vendor, limit, timeout_s), workers)

    def address_of(self, recipient: str, provider: str) -> str | None:
        return f"{recipient}@{provider}" if provider in self.addresses and recipient != "staff:nowhere" else None

    async def tell(self, *ways: str, urgency: Urgency = "normal", to: Sequence[str] = ("staff:wang",)) -> UUID:
        """An alert to these people by the first of `ways`; the others for when it fails."""
        notice = PostNotice(
            id=uuid4(), occurred_at=datetime.now(UTC), actor=SYSTEM, alert_id=uuid4(), rule=urgency, to=tuple(to),
            title=f"{urgency} notice", body=" ".join(ways),
        )  # fmt: skip
        await self.outbox.publish([Outgoing(notice.type, notice.model_dump_json().encode(), str(notice.id))])
        return notice.alert_id

    async def acknowledge(self, alert_id: UUID) -> None:
        wish = AcknowledgeAlert(id=uuid4(), occurred_at=datetime.now(UTC), actor=SYSTEM, alert_id=alert_id)
        await self.outbox.publish([Outgoing(wish.type, wish.model_dump_json().encode(), str(wish.id))])

    async def deliveries(self, alert_id: UUID) -> tuple[Delivery, ...]:
        found = await self.alerts.read({"_id": alert_id})
        return found[0].state.deliveries if found and found[0].state else ()

    async def settled(self, alert_id: UUID) -> tuple[Delivery, ...]:
        """The deliveries once none of them is under way."""

        async def look() -> tuple[Delivery, ...]:
            deliveries = await self.deliveries(alert_id)
            return deliveries if deliveries and not any(d.pending for d in deliveries) else ()

        return await until(f"alert {alert_id} has nothing under way", look)

    async def waiting(self, provider: str) -> int:
        """Messages in its queues, those in hand too."""
        infos = [await self.js.consumer_info(d.stream, d.name) for d in durables(provider)]
        return sum((i.num_pending or 0) + (i.num_ack_pending or 0) for i in infos)

    async def idle(self, provider: str) -> None:
        async def look() -> bool:
            return await self.waiting(provider) == 0

        await until(f"the queues of {provider} are empty", look)

    async def queued(self, provider: str, n: int) -> None:
        async def look() -> bool:
            return await self.waiting(provider) >= n

        await until(f"{n} messages wait for {provider}", look)

    async def reports(self, alert_id: UUID) -> list[DeliveryCommand]:
        """What workers have reported of it."""
        info = await self.js.stream_info("COMMAND")
        found = [await self.js.get_msg("COMMAND", n) for n in range(1, info.state.last_seq + 1)]
        reports = [
            ReportDelivery.model_validate_json(m.data or b"") for m in found if m.subject == "notify.command.report"
        ]
        return [r for r in reports if r.alert_id == alert_id]

    async def close(self) -> None:
        for task in (*self._tasks, *self.loops):
            task.cancel()
        await asyncio.gather(*self._tasks, *self.loops, return_exceptions=True)


def letter_of(handover: Handover, address: str, transport: Transport, repeat: bool) -> Letter:
    return Letter(
        id=f"{handover.alert_id}.{handover.delivery}", alert_id=str(handover.alert_id), recipient=handover.recipient,
        address=address, urgency=handover.urgency, title=handover.title, body=handover.body, repeat=repeat,
    )  # fmt: skip


@asynccontextmanager
async def post_in(directory: Path) -> AsyncIterator[Post]:
    """Servers with streams and no service: the loops and workers are this test's own."""
    servers = Servers(settings_in(directory))
    frame = None
    try:
        await asyncio.gather(servers.start("nats"), servers.start("mongo"))
        frame = broker.connect(servers.settings, "deliveries")
        nc = await frame.connect()
        await provision(nc.jetstream(timeout=broker.TIMEOUT_S))
        async with _post(nc, servers.settings.mongo_url) as post:
            yield post
    finally:
        if frame is not None:
            await frame.stop()
        await servers.stop()


@asynccontextmanager
async def _post(nc: Client, mongo_url: str) -> AsyncIterator[Post]:
    client = store.connect(mongo_url)
    post = Post(nc, client["deliveries"])
    await post.claims.start()
    post.listen()
    try:
        yield post
    finally:
        await post.close()
        await client.close()
