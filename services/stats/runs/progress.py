"""A run's progress as server-sent events: what is known now, then every event about it, until it ends."""

import asyncio
from collections.abc import AsyncGenerator
from uuid import UUID

import msgspec
from litestar.response.sse import ServerSentEventMessage
from nats.aio.client import Client
from nats.aio.msg import Msg

from services.stats.runs.model import Run
from services.stats.runs.store import Runs

_ENDS = ("stats.finished", "stats.failed", "stats.cancelled")
_PING_S = 15.0  # proxies close a connection that is silent for longer


async def follow(nc: Client, runs: Runs, run: UUID) -> AsyncGenerator[ServerSentEventMessage, None]:
    """Events named `state`, then `stats.progressed`, `stats.finished` or `stats.failed`; data is JSON."""
    heard: asyncio.Queue[Msg] = asyncio.Queue()

    async def hear(msg: Msg) -> None:
        heard.put_nowait(msg)

    # Listen first, look second: what happens in between is seen twice rather than not at all.
    subscription = await nc.subscribe("stats.*", cb=hear)
    try:
        await nc.flush()
        found = await runs.find(run)
        state = found.state if found is not None and found.state is not None else Run()
        yield ServerSentEventMessage(msgspec.json.encode(state), event="state")
        ended = state.ended
        while not ended:
            try:
                msg = await asyncio.wait_for(heard.get(), _PING_S)
            except TimeoutError:
                yield ServerSentEventMessage(None, comment="ping")
                continue
            if msgspec.json.decode(msg.data).get("run_id") == str(run):
                yield ServerSentEventMessage(msg.data, event=msg.subject)
                ended = msg.subject in _ENDS
    finally:
        await subscription.unsubscribe()
