"""Reads a stream once, from its first message to the last one that it held at the start."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

BATCH = 500


class Stored(NamedTuple):
    """A message as the stream holds it; `at` is when it was stored."""

    subject: str
    body: bytes
    at: datetime


async def replay(
    js: JetStreamContext, stream: str, subjects: Sequence[str] = (), since: datetime | None = None
) -> AsyncIterator[Stored]:
    """What the stream holds now, oldest first; of these `subjects` (all without), from what was stored at `since` on.
    No consumer of the desk is moved.
    """
    last = (await js.stream_info(stream)).state.last_seq
    config = ConsumerConfig(
        deliver_policy=DeliverPolicy.ALL if since is None else DeliverPolicy.BY_START_TIME,
        opt_start_time=None if since is None else since.astimezone(UTC),
        filter_subjects=list(subjects) or None,
        ack_policy=AckPolicy.NONE,
        inactive_threshold=60.0,
        mem_storage=True,
    )
    subscription = await js.pull_subscribe("", stream=stream, config=config)
    try:
        pending = (await subscription.consumer_info()).num_pending or 0
        while pending:
            for message in await subscription.fetch(BATCH, timeout=10):
                place = message.metadata
                if place.sequence.stream > last:
                    return
                pending = place.num_pending
                yield Stored(message.subject, message.data, place.timestamp)
    finally:
        await subscription.unsubscribe()
