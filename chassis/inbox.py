"""What a durable consumer delivers: one pull request always open, what it brings buffered until a lane takes it.

nats-py's own `fetch` starts two tasks for every message (48 µs), a callback one coroutine; taking them from the
subscription's queue needs neither, and a request that stays open saves a round trip per batch.
"""

import asyncio
import json
import time
from collections import deque
from collections.abc import Mapping, Sequence

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.errors import ConnectionClosedError

from chassis.message import Delivery
from chassis.outgoing import NO_HEADERS
from contracts.topology import Durable

_ACK_DOTS = 8
_SLACK_S = 0.5
FETCHED_UP_TO: dict[str, float] = {}
"""When the newest message was stored (seconds since 1970) that was fetched here, by durable."""


class ConsumerGone(Exception):
    """The durable consumer does not exist; readiness says so too, `yibao provision` makes it."""


class NatsDelivery:
    """A nats-py message as the loop sees it."""

    __slots__ = ("_msg",)

    def __init__(self, msg: Msg) -> None:
        self._msg = msg

    @property
    def subject(self) -> str:
        return self._msg.subject

    @property
    def data(self) -> bytes:
        return self._msg.data

    @property
    def headers(self) -> Mapping[str, str]:
        return self._msg.headers or NO_HEADERS

    @property
    def deliveries(self) -> int:
        # `$JS.ACK[.domain.account].stream.consumer.deliveries.…`; nats-py's own parser takes 30 µs a message.
        tokens = self._msg.reply.split(".", 7)
        return int(tokens[4] if self._msg.reply.count(".") == _ACK_DOTS else tokens[6])

    @property
    def sequence(self) -> int:
        return self._msg.metadata.sequence.stream

    @property
    def stored_at(self) -> float:
        """Seconds since 1970."""
        tokens = self._msg.reply.split(".", 10)
        return int(tokens[7] if self._msg.reply.count(".") == _ACK_DOTS else tokens[9]) / 1e9

    async def ack(self) -> None:
        await self._msg.ack()

    async def nak(self, delay_s: float) -> None:
        await self._msg.nak(delay=delay_s)

    async def working(self) -> None:
        """It takes longer: `ack_wait` begins anew."""
        await self._msg.in_progress()

    def acknowledged(self) -> bytes:
        """Where its acknowledgement goes; from now on it counts as sent."""
        self._msg._ackd = True
        return self._msg.reply.encode()


class NatsInbox:
    """One durable's messages. `fetch` is for one caller at a time."""

    def __init__(self, nc: Client, durable: Durable) -> None:
        self._nc, self._durable = nc, durable
        self._next = f"$JS.API.CONSUMER.MSG.NEXT.{durable.stream}.{durable.name}"
        self._subject = nc.new_inbox()
        self._subscription: Subscription | None = None
        self._buffer: deque[NatsDelivery] = deque()
        self._gone: str | None = None
        self._promised = 0
        self._until = 0.0
        self._reconnects = 0

    @property
    def name(self) -> str:
        return self._durable.name

    async def fetch(self, most: int, wait_s: float) -> list[NatsDelivery]:
        """Up to `most` messages, as soon as there is one; none after `wait_s` seconds. Raises ConsumerGone."""
        if self._subscription is None:
            self._subscription = await self._nc.subscribe(self._subject)
        self._take(self._subscription)
        await self._keep_asking(most, wait_s)
        if not self._buffer:
            try:
                # Also the end of a request is a message: who waits has to ask again, or is deaf until his time is up.
                self._on_message(await asyncio.wait_for(self._subscription._pending_queue.get(), wait_s))
            except TimeoutError:
                return []
            self._take(self._subscription)
        if self._gone is not None:
            self._gone, gone = None, self._gone
            raise ConsumerGone(f"{self._durable.name}: {gone}")
        taken = [self._buffer.popleft() for _ in range(min(most, len(self._buffer)))]
        if taken:
            FETCHED_UP_TO[self.name] = max(taken[-1].stored_at, FETCHED_UP_TO.get(self.name, 0.0))
        await self._keep_asking(most, wait_s)
        return taken

    async def acknowledge(self, deliveries: Sequence[Delivery]) -> None:
        """Acknowledge all in one write: nats-py's own ack() checks and formats each by itself, ten times as long."""
        if self._nc.is_closed:
            raise ConnectionClosedError
        replies = [d.acknowledged() for d in deliveries if isinstance(d, NatsDelivery)]
        await self._nc._send_command(b"".join([b"PUB %b 4\r\n+ACK\r\n" % reply for reply in replies]))
        await self._nc._flush_pending()

    async def close(self) -> None:
        """Stop asking and hand back at once what nobody took."""
        if self._subscription is not None:
            await self._subscription.unsubscribe()
            self._take(self._subscription)
        while self._buffer:
            await self._buffer.popleft().nak(0)

    async def _keep_asking(self, most: int, wait_s: float) -> None:
        reconnects = self._nc.stats["reconnects"]
        lost = reconnects != self._reconnects or time.monotonic() > self._until + _SLACK_S
        if (self._promised > 0 and not lost) or len(self._buffer) >= most:
            return
        self._promised, self._reconnects, self._until = most, reconnects, time.monotonic() + wait_s
        request = {"batch": most, "expires": int(wait_s * 1e9)}
        await self._nc.publish(self._next, json.dumps(request).encode(), reply=self._subject)

    def _take(self, subscription: Subscription) -> None:
        while not subscription._pending_queue.empty():
            self._on_message(subscription._pending_queue.get_nowait())

    def _on_message(self, msg: Msg) -> None:
        assert self._subscription is not None
        self._subscription._pending_size -= len(msg.data)  # nats-py drops what comes when it believes we are slow
        self._subscription._pending_queue.task_done()
        # An empty message of an adapter may carry such a header too; it is to be acknowledged, a status is not.
        is_status = not msg.data and not msg.reply.startswith("$JS.ACK.")
        status = msg.headers.get("Status") if msg.headers and is_status else None
        if status is None:
            self._promised -= 1
            self._buffer.append(NatsDelivery(msg))
        else:  # the request has ended: its time is over, or the consumer is gone
            self._promised = 0
            if status not in ("404", "408"):
                self._gone = f"{status} {msg.headers.get('Description', '') if msg.headers else ''}"
