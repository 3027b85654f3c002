"""The inbox, live: server-sent events straight from the NOTIFY stream, resumable by `Last-Event-ID`."""

from collections import deque
from collections.abc import AsyncIterator, Collection

import msgspec
from litestar.response import ServerSentEventMessage
from nats.js import JetStreamContext
from nats.js.api import ConsumerConfig, DeliverPolicy

KEEP_ALIVE_S = 15.0


async def follow(
    js: JetStreamContext, audiences: Collection[str], after: int | None
) -> AsyncIterator[ServerSentEventMessage]:
    """Alerts for `audiences` as they are queued; from the one after sequence `after`, else from now on."""
    config = (
        ConsumerConfig(deliver_policy=DeliverPolicy.NEW)
        if after is None
        else ConsumerConfig(deliver_policy=DeliverPolicy.BY_START_SEQUENCE, opt_start_seq=after + 1)
    )
    subscription = await js.subscribe("notify.queued", stream="NOTIFY", ordered_consumer=True, config=config)
    shown: deque[str] = deque(maxlen=200)
    try:
        yield ServerSentEventMessage(data=None, comment="connected")
        while True:
            try:
                message = await subscription.next_msg(timeout=KEEP_ALIVE_S)
            except TimeoutError:
                yield ServerSentEventMessage(data=None, comment="keep-alive")
                continue
            alert = msgspec.json.decode(message.data)
            # Said again later than the broker remembers, an event is stored twice under one id.
            if alert["audience"] in audiences and alert["id"] not in shown:
                shown.append(alert["id"])
                sequence = message.metadata.sequence.stream
                yield ServerSentEventMessage(data=message.data.decode(), event="alert", id=str(sequence))
    finally:
        await subscription.unsubscribe()
