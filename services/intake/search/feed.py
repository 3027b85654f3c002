"""Feeds the index with the cases that have changed, every two seconds, never much at once.

The CASE stream says which cases changed, MongoDB how they are now: a case that changed ten times is indexed once.
Under load the index falls behind rather than slow the desk down, and says so; in the quiet it catches up.
"""

import asyncio
from pathlib import Path
from uuid import UUID

import msgspec
from nats.errors import TimeoutError as NatsTimeout
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy
from nats.js.errors import ServiceUnavailableError
from prometheus_client import Gauge

from chassis.logging import logger
from chassis.service import Service
from services.intake.search.index import CaseIndex
from services.intake.store import Cases

STREAM = "CASE"
EVERY_S, EVENTS, PAGE = 2.0, 800, 200
_BEHIND = Gauge("yibao_case_index_behind", "Case events that full text has not read yet")

log = logger(__name__)


class _About(msgspec.Struct):
    case_id: UUID


_about = msgspec.json.Decoder(_About)


class Feed:
    """Follows the stream from where the index stands; builds it from the database where it stands nowhere."""

    def __init__(self, js: JetStreamContext, cases: Cases, index: CaseIndex) -> None:
        self._js, self._cases, self._index = js, cases, index
        self._subscription: JetStreamContext.PullSubscription | None = None
        self._heard = 0  # messages of the present consumer

    async def run(self) -> None:
        """Until cancelled; trouble with a server only delays it."""
        while True:
            try:
                await (self._step() if self._index.writes else asyncio.to_thread(self._index.refresh))
            except Exception as error:
                log.warning("case index waits", error=f"{type(error).__name__}: {error}"[:300])
                await self._drop()
            await asyncio.sleep(EVERY_S)

    async def _step(self) -> None:
        info = await self._js.stream_info(STREAM)
        created, last = str(info.created), info.state.last_seq
        if not self._index.belongs_to(created, last):
            await self._build(created, last)
        if last > self._index.position.sequence:
            await self._follow(created, last)
        self._index.behind = last - self._index.position.sequence
        _BEHIND.set(self._index.behind)

    async def _build(self, created: str, last: int) -> None:
        """All cases, page by page with pauses; what changes meanwhile stands behind `last` in the stream."""
        log.info("case index is built anew")
        await self._drop()
        await asyncio.to_thread(self._index.forget)
        at = UUID(int=0)
        while found := await self._cases.read({"_id": {"$gt": at}}, limit=PAGE, sort=[("_id", 1)]):
            await asyncio.to_thread(self._index.take, [(d.id, d.state) for d in found if d.state is not None])
            at = found[-1].id
            await asyncio.sleep(0.1)
        self._index.reached(created, last)
        log.info("case index is built", cases=len(self._index))

    async def _follow(self, created: str, last: int) -> None:
        subscription = self._subscription or await self._subscribe()
        try:
            messages = await subscription.fetch(EVENTS, timeout=1.0)
        except (TimeoutError, NatsTimeout):
            messages = []
        except ServiceUnavailableError:  # after a quiet minute the server has forgotten the consumer: a new one
            await self._drop()
            return
        if not messages:  # the client has two ways to say so: it raises, or the list is empty
            await self._nothing(subscription, created, last)
            return
        places = [m.metadata.sequence for m in messages]
        if [p.consumer for p in places] != list(range(self._heard + 1, self._heard + 1 + len(places))):
            await self._drop()  # one was lost on its way: read again from where the index stands
            return
        self._heard += len(places)
        changed = list({_about.decode(m.data).case_id for m in messages})
        for start in range(0, len(changed), PAGE):
            found = await self._cases.read({"_id": {"$in": changed[start : start + PAGE]}})
            await asyncio.to_thread(self._index.take, [(d.id, d.state) for d in found if d.state is not None])
        self._index.reached(created, places[-1].stream)

    async def _nothing(self, subscription: JetStreamContext.PullSubscription, created: str, last: int) -> None:
        """Either the messages up to `last` are gone from the stream, or the consumer is lost."""
        info = await subscription.consumer_info()
        delivered = info.delivered.consumer_seq if info.delivered else 0
        if not info.num_pending and delivered == self._heard:
            self._index.reached(created, last)
        await self._drop()

    async def _subscribe(self) -> JetStreamContext.PullSubscription:
        config = ConsumerConfig(
            deliver_policy=DeliverPolicy.BY_START_SEQUENCE,
            opt_start_seq=self._index.position.sequence + 1,
            ack_policy=AckPolicy.NONE,
            inactive_threshold=60.0,
            mem_storage=True,
        )
        self._heard = 0
        self._subscription = await self._js.pull_subscribe("", stream=STREAM, config=config)
        return self._subscription

    async def _drop(self) -> None:
        subscription, self._subscription = self._subscription, None
        if subscription is not None:
            await subscription.unsubscribe()


async def start_search(service: Service, cases: Cases, folder: Path) -> None:
    """Open the index and keep it up to date; it serves what it has from the first moment on."""
    index = service.state["case_index"] = CaseIndex(folder)
    await asyncio.to_thread(index.open)
    service.background("case index", Feed(service.js, cases, index).run())
