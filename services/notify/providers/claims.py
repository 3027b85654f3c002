"""What workers say to alerts: claims that wait for an answer, and reports; many workers' words in one atomic batch.

While one batch is being stored the next one gathers (group commit), so that a hundred workers cost no more round trips
than one.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from uuid import UUID, uuid4

from nats.aio.client import Client
from nats.aio.msg import Msg

from chassis.broker import NatsOutbox
from chassis.logging import logger
from chassis.message import REPLY_TO
from chassis.outgoing import Outgoing, from_command
from contracts.delivery import ClaimDelivery, Handover, ReportDelivery
from contracts.envelope import SYSTEM, Command, Reply, derive_id

CLAIM_S = 5.0
_REPORT = ReportDelivery.model_fields["type"].default
log = logger(__name__)


class Claims:
    """One per process, for all of its workers."""

    def __init__(self, nc: Client, outbox: NatsOutbox, within_s: float = CLAIM_S) -> None:
        self._nc, self._outbox, self._within_s = nc, outbox, within_s
        self._inbox = nc.new_inbox()
        self._waiting: dict[UUID, asyncio.Future[Reply]] = {}
        self._gathered: list[tuple[Outgoing, asyncio.Future[None]]] = []
        self._storing: asyncio.Task[None] | None = None

    async def start(self) -> None:
        await self._nc.subscribe(self._inbox, cb=self._on_reply)

    async def claim(self, handover: Handover, worker: str, lease_s: float) -> str:
        """`send`, `repeat`, `wait` or `drop`; empty when there was no answer in time: ask again.

        Each try is a command of its own: one that was carried out is not answered a second time, and an answer that
        comes late may be about a lease that is over.
        """
        id_ = uuid4()
        claim = ClaimDelivery(
            id=id_, cause_id=handover.id, occurred_at=datetime.now(UTC), actor=SYSTEM, alert_id=handover.alert_id,
            delivery=handover.delivery, attempt=handover.attempt, worker=worker, lease_s=lease_s,
        )  # fmt: skip
        future = self._waiting[id_] = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(self._within_s):
                await self._store(_outgoing(claim, {REPLY_TO: self._inbox}))
                return _code_of(await future)
        except TimeoutError:
            return ""
        except Exception as error:
            log.warning("claim waits", error=type(error).__name__)
            await asyncio.sleep(1.0)
            return ""
        finally:
            del self._waiting[id_]

    async def report(self, report: ReportDelivery, alive: Callable[[], Awaitable[None]] | None = None) -> None:
        """Returns when it is in the log; an outage is waited out, because what was sent must be told. `alive` is called
        before each try: it keeps the message in the worker's hand meanwhile.
        """
        outages = 0
        while True:
            try:
                if alive is not None:
                    with suppress(Exception):  # then another worker may get it, marked as a repetition
                        await alive()
                await self._store(from_command(report))
                return
            except Exception as error:
                outages += 1
                log.warning("report waits", error=type(error).__name__)
                await asyncio.sleep(min(5.0, 0.25 * 2**outages))

    async def _store(self, out: Outgoing) -> None:
        stored: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._gathered.append((out, stored))
        if self._storing is None:
            self._storing = asyncio.create_task(self._store_all())
        await stored

    async def _store_all(self) -> None:
        while self._gathered:
            # Reports first: where many ask, what is already known must not wait behind the questions.
            batch = sorted(self._gathered, key=lambda one: one[0].subject != _REPORT)
            self._gathered = []
            error = await self._publish([out for out, _ in batch])
            for _, stored in batch:
                if not stored.done():
                    stored.set_exception(error) if error else stored.set_result(None)
        self._storing = None

    async def _publish(self, batch: list[Outgoing]) -> Exception | None:
        try:
            await self._outbox.publish(batch)
        except Exception as error:
            return error
        return None

    async def _on_reply(self, msg: Msg) -> None:
        reply = Reply.model_validate_json(msg.data)
        future = self._waiting.get(reply.command_id)
        if future is not None and not future.done():
            future.set_result(reply)


def report_of(handover: Handover, worker: str, at: datetime, **facts: object) -> ReportDelivery:
    """The report of an attempt; the same attempt of the same worker is the same command."""
    id_ = derive_id("report", handover.alert_id, handover.delivery, handover.attempt, worker)
    named: Mapping[str, object] = {
        "alert_id": handover.alert_id, "delivery": handover.delivery, "attempt": handover.attempt, "worker": worker,
    }  # fmt: skip
    return ReportDelivery.model_validate(
        {"id": id_, "cause_id": handover.id, "occurred_at": at, "actor": SYSTEM, **named, **facts}
    )


def _code_of(reply: Reply) -> str:
    if reply.ok:
        return reply.code
    # The alert is not there, or has no such delivery: nobody will ever want this message.
    log.warning("claim refused", code=reply.code)
    return "drop"


def _outgoing(command: Command, headers: dict[str, str]) -> Outgoing:
    return Outgoing(command.type, command.model_dump_json().encode(), None, headers)
