"""One message from a consumer that may have one: a request, and the answer to this request and no other."""

import asyncio
import json
from contextlib import suppress
from typing import NamedTuple

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

from chassis.broker import TIMEOUT_S
from chassis.inbox import ConsumerGone, NatsDelivery

_NOTHING = ("404", "408")
_NOW = json.dumps({"batch": 1, "no_wait": True}).encode()


class Taken(NamedTuple):
    """A message in hand, and the durable that brought it."""

    delivery: NatsDelivery
    durable: str


class Pulls:
    """Requests under way have an inbox each; one that an answer is still to come to is not used again."""

    def __init__(self, nc: Client) -> None:
        self._nc = nc
        self._free: list[Subscription] = []

    async def pull(self, stream: str, durable: str) -> Taken | None:
        """None where nothing waits. Raises ConsumerGone, and NATS's TimeoutError where there is no answer.

        What is on its way to somebody who stops is handed back at once.
        """
        pull = asyncio.ensure_future(self._pull(stream, durable))
        try:
            return await asyncio.shield(pull)
        except asyncio.CancelledError:
            pull.add_done_callback(_hand_back)
            raise

    async def close(self) -> None:
        free, self._free = self._free, []
        for subscription in free:
            await subscription.unsubscribe()

    async def _pull(self, stream: str, durable: str) -> Taken | None:
        msg = await self._asked(f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{durable}")
        if msg.reply.startswith("$JS.ACK."):
            return Taken(NatsDelivery(msg), durable)
        status = (msg.headers or {}).get("Status")
        if status not in _NOTHING:
            raise ConsumerGone(f"{durable}: {status}")
        return None

    async def _asked(self, subject: str) -> Msg:
        # Not `nc.request`: what a consumer delivers comes under the message's own subject, which that does not know.
        answers = self._free.pop() if self._free else await self._nc.subscribe(self._nc.new_inbox())
        try:
            await self._nc.publish(subject, _NOW, reply=answers.subject)
            msg = await answers.next_msg(timeout=TIMEOUT_S)
        except BaseException:  # its answer may come late: the next caller must not take it for his own
            with suppress(Exception):
                await answers.unsubscribe()
            raise
        self._free.append(answers)
        return msg


_handing_back: set[asyncio.Task[None]] = set()


def _hand_back(pull: "asyncio.Future[Taken | None]") -> None:
    taken = None if pull.cancelled() or pull.exception() else pull.result()
    if taken is not None:
        task = asyncio.ensure_future(taken.delivery.nak(0))
        _handing_back.add(task)
        task.add_done_callback(_handing_back.discard)
