"""Creates or updates every stream and durable consumer from `contracts/topology.py`; safe to run at any time."""

from nats.js import JetStreamContext
from nats.js.api import (
    AckPolicy,
    ConsumerConfig,
    DeliverPolicy,
    DiscardPolicy,
    RetentionPolicy,
    StorageType,
    StreamConfig,
)
from nats.js.errors import NotFoundError

from contracts.topology import DURABLES, STREAMS, Durable, Stream


def stream_config(stream: Stream) -> StreamConfig:
    """Rollup is what lets a timer replace the one before it on the same subject."""
    return StreamConfig(
        name=stream.name,
        description=stream.purpose,
        subjects=list(stream.subjects),
        max_age=stream.max_age_s,
        duplicate_window=stream.duplicate_window_s,
        discard=DiscardPolicy.OLD,
        retention=RetentionPolicy.WORK_QUEUE if stream.work_queue else RetentionPolicy.LIMITS,
        storage=StorageType.FILE,
        max_msg_size=stream.max_message_bytes,
        allow_direct=True,
        allow_atomic=True,
        allow_msg_schedules=stream.schedules,
        allow_rollup_hdrs=stream.schedules,
        allow_msg_ttl=stream.schedules,
    )


def consumer_config(durable: Durable) -> ConsumerConfig:
    """No consumer back-off and no limit of deliveries: the loop decides about both."""
    return ConsumerConfig(
        durable_name=durable.name,
        filter_subjects=list(durable.filters),
        deliver_policy=DeliverPolicy.ALL,
        ack_policy=AckPolicy.EXPLICIT,
        ack_wait=durable.ack_wait_s,
        max_ack_pending=durable.max_ack_pending,
        max_deliver=-1,
    )


async def provision(js: JetStreamContext) -> list[str]:
    """Bring the server to what the topology says; returns one line per stream and durable."""
    done = []
    for stream in STREAMS:
        config = stream_config(stream)
        try:
            await js.stream_info(stream.name)
            await js.update_stream(config)
        except NotFoundError:
            await js.add_stream(config)
        done.append(f"stream {stream.name}")
    for durable in DURABLES:
        await js.add_consumer(durable.stream, consumer_config(durable))
        done.append(f"durable {durable.name}")
    return done


async def missing(js: JetStreamContext, durables: tuple[Durable, ...]) -> list[str]:
    """The durables, of those given, that the server does not have."""
    absent = []
    for durable in durables:
        try:
            await js.consumer_info(durable.stream, durable.name)
        except NotFoundError:
            absent.append(durable.name)
    return absent
