"""NATS for the loops: FastStream owns the connection, nats-py does the fetching and publishing.

All publishing goes through `publish`: stored in a named stream or an error, never silently lost. A time-out
means that the outcome is unknown; sending again with the same ids is always safe.
"""

import asyncio
from collections.abc import Sequence
from typing import Any

import msgspec
import nats
from faststream.nats import NatsBroker
from faststream.nats.security import NatsUserPassword
from nats.aio.client import Client
from nats.errors import MaxPayloadError
from nats.nuid import NUID

from chassis import metrics
from chassis.errors import Unstorable
from chassis.logging import logger
from chassis.outgoing import Outgoing
from chassis.permissions import inbox_of
from chassis.settings import Settings
from contracts.topology import stream_of

TIMEOUT_S = 5.0
MAX_ATOMIC = 1_000  # the server's own limit for one atomic batch
_DUPLICATE_IN_BATCH = 10_201

log = logger(__name__)


class PublishRefused(Exception):
    """The server answered a publish with an error; `code` is JetStream's."""

    def __init__(self, stream: str, code: int, description: str) -> None:
        super().__init__(f"JetStream stream {stream} refused a message: {description} ({code})")
        self.code = code


async def dial(settings: Settings, **more: Any) -> Client:
    """A connection of nats-py; `more` goes there. Raises what it raises."""
    if settings.nats_user:
        more |= {"user": settings.nats_user, "password": settings.nats_password.get_secret_value()}
    return await nats.connect(settings.nats_url, inbox_prefix=_inbox(settings), **more)


def connect(settings: Settings, name: str) -> NatsBroker:
    """A FastStream broker that never gives up reconnecting and logs one line per trouble, no traceback."""

    async def trouble(error: Exception) -> None:
        log.warning("nats trouble", error=f"{type(error).__name__}: {error}")

    user, password = settings.nats_user, settings.nats_password.get_secret_value()
    return NatsBroker(
        settings.nats_url,
        security=NatsUserPassword(user, password) if user else None,
        inbox_prefix=_inbox(settings),
        name=f"yibao-{name}",
        max_reconnect_attempts=-1,
        reconnect_time_wait=1,
        connect_timeout=2,
        ping_interval=20,
        # A fetch cancelled at the stop may leave messages that nobody takes; draining waits for them in vain.
        drain_timeout=2,
        error_cb=trouble,
        logger=None,
    )


def _inbox(settings: Settings) -> str:
    """Answers come to where only this user may hear them; a broker without users is asked as anybody."""
    return inbox_of(settings.nats_user) if settings.nats_user else "_INBOX"


class NatsOutbox:
    """Publishes batches: one atomic batch per stream, singles with the same ids when a batch is refused."""

    def __init__(self, nc: Client) -> None:
        self._nc = nc
        self._nuid = NUID()

    async def publish(self, outgoing: Sequence[Outgoing]) -> None:
        """Store all or raise. Streams are served in the order in which they first appear.

        Raises Unstorable for a message that the server never takes.
        """
        by_stream: dict[str, list[Outgoing]] = {}
        for out in outgoing:
            by_stream.setdefault(stream_of_cached(out.subject), []).append(out)
        for stream, outs in by_stream.items():
            for start in range(0, len(outs), MAX_ATOMIC):
                try:
                    await self._publish_batch(stream, outs[start : start + MAX_ATOMIC])
                except MaxPayloadError as error:
                    raise Unstorable from error
            metrics.PUBLISHED.labels(stream).inc(len(outs))

    async def reply(self, inbox: str, body: bytes) -> None:
        await self._nc.publish(inbox, body)

    async def _publish_batch(self, stream: str, outs: list[Outgoing]) -> None:
        if len(outs) == 1:
            await self._single(stream, outs[0])
            return
        try:
            await self._atomic(stream, outs)
        except PublishRefused as error:
            # A known id refuses the whole batch: expected after a crash, worth a metric at any other time.
            metrics.FALLBACKS.labels(stream).inc()
            if error.code != _DUPLICATE_IN_BATCH:
                log.warning("atomic batch refused", stream=stream, error=str(error))
            await asyncio.gather(*(self._single(stream, out) for out in outs))

    async def _atomic(self, stream: str, outs: list[Outgoing]) -> None:
        batch = self._nuid.next().decode()
        for n, out in enumerate(outs[:-1], 1):
            await self._nc.publish(
                out.subject,
                out.body,
                headers=_headers(out, {"Nats-Batch-Id": batch, "Nats-Batch-Sequence": str(n)}),
            )
        last = {"Nats-Batch-Id": batch, "Nats-Batch-Sequence": str(len(outs)), "Nats-Batch-Commit": "1"}
        await self._acknowledged(stream, outs[-1], _headers(outs[-1], last))

    async def _single(self, stream: str, out: Outgoing) -> None:
        await self._acknowledged(stream, out, _headers(out, {"Nats-Expected-Stream": stream}))

    async def _acknowledged(self, stream: str, out: Outgoing, headers: dict[str, str]) -> None:
        answer = await self._nc.request(out.subject, out.body, timeout=TIMEOUT_S, headers=headers)
        ack: dict[str, Any] = msgspec.json.decode(answer.data)
        if error := ack.get("error"):
            raise PublishRefused(stream, error.get("err_code", 0), error.get("description", ""))


def _headers(out: Outgoing, more: dict[str, str]) -> dict[str, str]:
    if out.id is not None:
        more["Nats-Msg-Id"] = out.id
    return more | out.headers if out.headers else more


_streams: dict[str, str] = {}


def stream_of_cached(subject: str) -> str:
    """`stream_of`, remembered; timers' subjects carry a key, so only their first two tokens are."""
    head = subject if not subject.startswith("timer.") else ".".join(subject.split(".", 2)[:2])
    stream = _streams.get(head)
    if stream is None:
        stream = _streams[head] = stream_of(subject)
    return stream
