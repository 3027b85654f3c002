"""Providers that are not in the file any more: what still waits for them is told so, and goes another way.

Also what is handed over to such a provider later, because an old alert still names it. When nothing waits, the
consumers are removed.
"""

import asyncio
from collections.abc import Callable, Iterable

from nats.js import JetStreamContext
from nats.js.errors import NotFoundError

from chassis.logging import logger
from services.notify.providers.queues import durables, provide, remove
from services.notify.providers.way import Way
from services.notify.providers.worker import Worker

WITHIN_S = 60.0
log = logger(__name__)


async def clear(js: JetStreamContext, providers: Iterable[str], way_of: Callable[[str], Way]) -> None:
    """`way_of` makes the way, without a transport, of such a provider. Raises TimeoutError: look again later."""
    for provider in providers:
        log.warning("provider gone", provider=provider)
        await provide(js, provider)
        way = way_of(provider)
        worker = Worker(way, 0)
        try:
            async with asyncio.timeout(WITHIN_S):
                while await _waiting(js, provider):
                    await worker.work()
        finally:
            await way.queue.close()
        await remove(js, provider)


async def _waiting(js: JetStreamContext, provider: str) -> int:
    try:
        infos = [await js.consumer_info(d.stream, d.name) for d in durables(provider)]
    except NotFoundError:  # another replica has removed them
        return 0
    return sum((info.num_pending or 0) + (info.num_ack_pending or 0) for info in infos)
