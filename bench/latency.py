"""Receipt to inbox: from the publish of a message until a reader of the live inbox has its alert."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Container

import httpx

from bench.bare import Bare
from bench.load import messages
from bench.result import Result, percentile
from bench.world import World
from contracts.channel import ChannelMessage
from yibao.signing import Signed, on_this_machine

RATE_PER_S = 50


async def latency(world: World, seconds: int = 20) -> list[Result]:
    """p50, p95 and p99 in ms at 50 messages/s, read as staff read it: server-sent events over HTTP."""
    n = RATE_PER_S * seconds
    sent: dict[str, float] = {}
    url = f"{world.settings.url('notify')}/inbox/stream?audience=desk"
    auth = Signed(world.settings, on_this_machine("bench"))
    async with httpx.AsyncClient(timeout=60, trust_env=False, auth=auth) as http, http.stream("GET", url) as stream:
        lines = stream.aiter_lines()
        await anext(lines)  # connected
        feeding = asyncio.create_task(_feed(world, n, sent))
        took = [(at - sent[cause]) * 1000 async for cause, at in _alerts(lines, n, sent)]
        await feeding
    beside = await Bare(world.nc, world.js, world.db).single()
    return [
        Result("receipt_to_inbox_p50_ms", percentile(took, 0.5), "ms"),
        Result("receipt_to_inbox_p95_ms", percentile(took, 0.95), "ms"),
        Result("receipt_to_inbox_p99_ms", percentile(took, 0.99), "ms", 250, at_least=False, beside=beside),
    ]


async def _feed(world: World, n: int, sent: dict[str, float]) -> None:
    started = time.perf_counter()
    for i, message in enumerate(messages("latency", n)):
        await asyncio.sleep(max(0.0, started + i / RATE_PER_S - time.perf_counter()))
        sent[str(ChannelMessage.model_validate_json(message.body).cause_id)] = time.perf_counter()
        await world.outbox.publish([message])


async def _alerts(lines: AsyncIterator[str], n: int, sent: Container[str]) -> AsyncIterator[tuple[str, float]]:
    """The cause and time of arrival of `n` alerts about what was sent; the desk may raise others, of an outage."""
    seen = 0
    event = ""
    async for line in lines:
        event = line[6:].strip() if line.startswith("event:") else event
        is_alert = event == "alert" and line.startswith("data:")
        cause = json.loads(line[5:])["correlation_id"] if is_alert else None
        if isinstance(cause, str) and cause in sent:
            yield cause, time.perf_counter()
            seen += 1
            if seen == n:
                return
