"""A piece of the NOTIFY stream that is over: fetched when it is asked for, and never more than that in memory."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

from services.notify.inbox.tail import STREAM, SUBJECTS

MOST = 256
_WITHIN_S = 5.0


async def fetched(js: JetStreamContext, after: int = 0, since: datetime | None = None) -> Sequence[Msg]:
    """Up to 256 messages behind sequence `after`, or from `since` on, in order; none where there are no more.

    The server keeps nothing for who asks: whoever takes long over what they have got costs nobody anything. Raises
    NatsError when the server cannot be asked, TimeoutError when it does not answer in time.
    """
    config = ConsumerConfig(
        deliver_policy=DeliverPolicy.BY_START_TIME if since else DeliverPolicy.BY_START_SEQUENCE,
        opt_start_seq=None if since else after + 1,
        opt_start_time=since,
        filter_subjects=list(SUBJECTS),
        ack_policy=AckPolicy.NONE,
        inactive_threshold=30.0,
        mem_storage=True,
    )
    subscription = await js.pull_subscribe("", stream=STREAM, config=config)
    name = ""
    try:
        info = await subscription.consumer_info()
        name, pending = info.name, info.num_pending or 0
        return _without_gap(await subscription.fetch(min(MOST, pending), timeout=_WITHIN_S)) if pending else ()
    finally:
        with suppress(NatsError, TimeoutError):  # else the server removes it by itself
            await subscription.unsubscribe()
            if name:
                await js.delete_consumer(STREAM, name)


def _without_gap(messages: Sequence[Msg]) -> Sequence[Msg]:
    """Up to the first that did not arrive: what comes behind it is fetched again."""
    for n, message in enumerate(messages):
        if message.metadata.sequence.consumer != n + 1:
            return _some(messages[:n])
    return _some(messages)


def _some(messages: Sequence[Msg]) -> Sequence[Msg]:
    """Nothing at all would be taken for the end."""
    if not messages:
        raise TimeoutError("nothing arrived")
    return messages
