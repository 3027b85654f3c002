"""The channels' side: publishes messages as adapters do, and reads what the dead-letter stream says about them."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from nats.aio.client import Client
from nats.js.errors import NotFoundError

from chassis.broker import TIMEOUT_S, NatsOutbox, connect
from chassis.deadletter import REASON, decode
from chassis.settings import Settings
from yibao.demo.desk import seen
from yibao.demo.line import MARK, Line

BATCH = 256
_DURABLE = "intake-channel"
_DEAD = "dead.CHANNEL.intake-channel"


class Wire:
    """One play's publishing and dead letters."""

    def __init__(self, nc: Client, play_id: str) -> None:
        self._js = nc.jetstream(timeout=TIMEOUT_S)
        self._outbox = NatsOutbox(nc)
        self._play_id = play_id
        self._next_dead = 1
        self._dead: dict[int, str] = {}

    async def start(self) -> None:
        """Dead letters from before this play are nobody's business."""
        self._next_dead = (await self._js.stream_info("DEAD")).state.last_seq + 1

    async def publish(self, lines: Sequence[Line]) -> None:
        await self._outbox.publish([line.outgoing(self._play_id) for line in lines])

    async def handled(self, channels: set[str], within_s: float = 60.0) -> None:
        """Return when intake has acknowledged everything published so far. Raises NotSeen."""
        last = 0
        for channel in channels:
            message = await self._js.get_last_msg("CHANNEL", f"channel.in.{channel}")
            last = max(last, message.seq or 0)

        async def caught_up() -> bool | None:
            info = await self._js.consumer_info("CHANNEL", _DURABLE)
            idle = not info.num_pending and not info.num_ack_pending
            floor = info.ack_floor.stream_seq if info.ack_floor else 0
            return idle or floor >= last or None

        await seen(caught_up, "受理服务处理完所有消息", within_s)

    async def dead(self) -> dict[int, str]:
        """The reasons of this play's dead letters so far, by line."""
        while True:
            try:
                found = await self._js.get_msg("DEAD", seq=self._next_dead, subject=_DEAD, next=True, direct=True)
            except NotFoundError:
                return self._dead
            self._next_dead = (found.seq or self._next_dead) + 1
            headers = found.headers or {}
            play_id, _, n = headers.get(MARK, "").partition(":")
            if play_id == self._play_id:
                self._dead[int(n)] = decode(headers.get(REASON, ""))


@asynccontextmanager
async def wire(settings: Settings, play_id: str) -> AsyncIterator[Wire]:
    """A connected wire."""
    broker = connect(settings, "demo")
    opened = Wire(await broker.connect(), play_id)
    try:
        await opened.start()
        yield opened
    finally:
        await broker.stop()
