"""Messages of the NOTIFY stream in order, as soon as they are stored: what the live inbox is fed from.

The consumer is ephemeral and pushes, no more than we have taken in. Where it is lost (the server was started anew) or a
message was, whoever reads is told, and begins behind the last one that was read.
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Sequence
from contextlib import suppress

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

STREAM = "NOTIFY"
SUBJECTS = tuple(f"notify.{name}" for name in ("queued", "grew", "read", "acknowledged", "settled"))
HEARTBEAT_S = 2.0
DEAF_AFTER_S = 3 * HEARTBEAT_S
MOST = 256
_LAST, _STALLED = "Nats-Last-Consumer", "Nats-Consumer-Stalled"


class Lost(Exception):
    """The consumer is gone, or a message on its way: begin again behind the last one."""


async def tail(nc: Client, js: JetStreamContext, after: int = 0) -> AsyncGenerator[Sequence[Msg], None]:
    """What is stored behind sequence `after`, in batches; the first may be empty: nothing is there.

    Never ends by itself. Raises Lost, and NatsError when the server cannot be asked.
    """
    arrived: deque[Msg] = deque()
    bell = asyncio.Event()

    async def take(message: Msg) -> None:
        arrived.append(message)
        bell.set()

    subscription = await nc.subscribe(nc.new_inbox(), cb=take)
    name = ""
    try:
        info = await js.add_consumer(STREAM, _config(subscription.subject, after))
        name, heard = info.name, 0
        if not info.num_pending:
            yield ()
        while True:
            async with asyncio.timeout(DEAF_AFTER_S):
                await bell.wait()
            bell.clear()
            while arrived:
                batch = [arrived.popleft() for _ in range(min(MOST, len(arrived)))]
                messages, heard = _checked(batch, heard)
                if messages:
                    yield messages
                for subject in _asks(batch):  # only now there is room for more
                    await nc.publish(subject)
    except TimeoutError:
        raise Lost("no heartbeat") from None
    finally:
        with suppress(NatsError, TimeoutError):  # else the server removes it by itself, nobody being interested
            await subscription.unsubscribe()
            if name:
                await js.delete_consumer(STREAM, name)


def _config(inbox: str, after: int) -> ConsumerConfig:
    return ConsumerConfig(
        deliver_subject=inbox,
        deliver_policy=DeliverPolicy.BY_START_SEQUENCE,
        opt_start_seq=after + 1,
        flow_control=True,
        filter_subjects=list(SUBJECTS),
        ack_policy=AckPolicy.NONE,
        idle_heartbeat=HEARTBEAT_S,
        inactive_threshold=30.0,
        mem_storage=True,
    )


def _checked(batch: Sequence[Msg], heard: int) -> tuple[list[Msg], int]:
    """The messages among heartbeats, and how many the consumer has sent so far. Raises Lost for a gap."""
    messages = []
    for message in batch:
        if not message.reply.startswith("$JS.ACK."):
            if int((message.headers or {}).get(_LAST, heard)) != heard:
                raise Lost("a message was lost on its way")
            continue
        heard += 1
        if message.metadata.sequence.consumer != heard:
            raise Lost("a message was lost on its way")
        messages.append(message)
    return messages, heard


def _asks(batch: Sequence[Msg]) -> list[str]:
    """Where the server wants to hear that we have taken in what came before."""
    control = [message for message in batch if not message.reply.startswith("$JS.ACK.")]
    return [to for m in control if (to := m.reply or (m.headers or {}).get(_STALLED, ""))]
