"""Sends what the desk answers on channels that are ours, and says what became of it.

One reader takes replies from the log into the collection `sent` and acknowledges; then each channel has a lane of its
own, so that a slow one holds up nobody else. A reply that may have gone out is never sent again: staff are told.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID

from msgspec.structs import replace
from nats.errors import Error as NatsError
from pymongo.errors import PyMongoError

from chassis.broker import NatsOutbox
from chassis.deadletter import dead_letter
from chassis.errors import Unacceptable
from chassis.folding import DELAYS_S
from chassis.inbox import NatsInbox
from chassis.logging import logger
from chassis.message import Delivery, decode
from chassis.outgoing import Outgoing
from chassis.posting import SendFailed
from chassis.vault import Unreadable
from contracts.channel import ChannelReceipt, ChannelReply
from services.intake.channels.outbound.senders import Send
from services.intake.channels.outbound.sent import Letter, Sent
from services.intake.channels.outbound.verdict import CUT_OFF, NO_ADDRESS, READ_HERE, TOO_OLD, Verdict, judge
from services.intake.metrics import REPLIES

AGED = timedelta(hours=24)  # an answer that comes days late, out of nowhere, does more harm than a call
IDLE_S = 5.0
_OFTEN_S = 1.0

Address = Callable[[UUID], Awaitable[dict[str, str] | None]]
log = logger(__name__)


class Outbound:
    """`senders` are the channels that are ours."""

    def __init__(
        self,
        sent: Sent,
        outbox: NatsOutbox,
        senders: Mapping[str, Send],
        address_of: Address,
        *,
        within_s: float = 20.0,
        delays_s: tuple[float, ...] = DELAYS_S,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._sent, self._outbox, self._senders, self._address_of = sent, outbox, senders, address_of
        self._within_s, self._delays_s, self._clock = within_s, delays_s, clock
        self._came = {channel: asyncio.Event() for channel in senders}

    async def run(self, inbox: NatsInbox) -> None:
        """Until cancelled; trouble with a server is waited out."""
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._patiently("reader", partial(self._read, inbox)))
                for channel in self._senders:
                    tasks.create_task(self._patiently(channel, partial(self.step, channel)))
        finally:
            with suppress(Exception):  # what was fetched and not taken comes again at once, or after ack_wait
                await inbox.close()

    async def _patiently(self, part: str, work: Callable[[], Awaitable[object]]) -> None:
        while True:
            try:
                await work()
            except Exception as error:
                log.warning("outbound waits", part=part, error=f"{type(error).__name__}: {error}"[:100])
                await asyncio.sleep(_OFTEN_S)

    async def _read(self, inbox: NatsInbox) -> None:
        for delivery in await inbox.fetch(32, wait_s=5.0):
            await self.take(delivery)

    async def take(self, delivery: Delivery) -> None:
        """Keep a reply of a channel that is ours; others are their adapters' business."""
        now = self._clock()
        try:
            reply = decode(delivery, now).body
        except Unacceptable as error:
            await self._outbox.publish([dead_letter(delivery, "intake-channel-out", str(error))])
        else:
            if isinstance(reply, ChannelReply) and reply.channel in self._senders:
                await self._sent.take(reply, now)
                self._came[reply.channel].set()
        await delivery.ack()

    async def step(self, channel: str) -> None:
        """One thing of a channel that is to be done, or a wait until there is one."""
        now = self._clock()
        self._came[channel].clear()
        if letter := await self._sent.due(channel, now):
            await self._handle(letter)
        elif letter := await self._sent.unreported(channel):
            await self._report(letter)
        elif letter := await self._sent.cut_off(channel, now - 2 * timedelta(seconds=self._within_s)):
            await self._end(letter, CUT_OFF)
        else:
            await self._wait(channel, now)

    async def _wait(self, channel: str, now: datetime) -> None:
        next_at = await self._sent.next_at(channel)
        pause = min(IDLE_S, max(0.0, (next_at - now).total_seconds())) if next_at else IDLE_S
        try:
            await asyncio.wait_for(self._came[channel].wait(), pause)
        except TimeoutError:
            return

    async def _handle(self, letter: Letter) -> None:
        now = self._clock()
        if now - letter.said_at > AGED:
            await self._end(letter, TOO_OLD, was="waiting")
        elif (address := await self._find(letter)) is None:
            await self._end(letter, NO_ADDRESS, was="waiting")
        elif "console" in address:
            await self._end(letter, READ_HERE, was="waiting")
        elif await self._sent.begin(letter, now):
            await self._settle(letter, await self._attempt(letter, {**address, "reply_id": str(letter.id)}))

    async def _find(self, letter: Letter) -> dict[str, str] | None:
        try:
            return await self._address_of(letter.conversation)
        except Unreadable:
            return None

    async def _attempt(self, letter: Letter, address: dict[str, str]) -> Verdict:
        try:
            async with asyncio.timeout(self._within_s):
                await self._senders[letter.channel](address, letter.text)
        except Exception as error:
            if not isinstance(error, SendFailed | TimeoutError):
                log.error("sender failed", channel=letter.channel, error=type(error).__name__)
            return judge(error, letter.tries, self._delays_s)
        return judge(None, letter.tries)

    async def _settle(self, letter: Letter, verdict: Verdict) -> None:
        """Write down what happened; again and again while the database is away, for only we know it."""
        while True:
            try:
                if verdict.after_s is None:
                    return await self._end(letter, verdict)
                return await self._sent.put_off(letter, self._clock() + timedelta(seconds=verdict.after_s))
            except PyMongoError as error:
                log.warning("outbound waits", part=letter.channel, error=type(error).__name__)
                await asyncio.sleep(_OFTEN_S)

    async def _end(self, letter: Letter, verdict: Verdict, was: str = "sending") -> None:
        now = self._clock()
        now = now.replace(microsecond=now.microsecond // 1000 * 1000)  # as MongoDB gives it back
        if await self._sent.end(letter, verdict.outcome, verdict.reason, now, was=was):
            REPLIES.labels(letter.channel, verdict.outcome).inc()
            with suppress(NatsError, TimeoutError):  # else it is unreported, and reported later
                await self._report(replace(letter, outcome=verdict.outcome, reason=verdict.reason, ended_at=now))

    async def _report(self, letter: Letter) -> None:
        """The receipt goes the way that an outside adapter's goes; published again, it is the same bytes."""
        receipt = ChannelReceipt.model_validate(
            {
                "reply_id": letter.id, "case_id": letter.case_id, "channel": letter.channel,
                "outcome": letter.outcome, "reason": letter.reason[:500], "at": letter.ended_at,
            }
        )  # fmt: skip
        subject, id_ = f"channel.receipt.{letter.channel}", f"{letter.id}:{letter.outcome}"
        await self._outbox.publish([Outgoing(subject, receipt.model_dump_json().encode(), id_)])
        await self._sent.reported(letter)
