"""Unread counts for those who read the live inbox: asked of MongoDB after a change, one question at a time.

However many alerts come, a reader's count is asked once per round, and a round waits as long as the last one took: at
most half of one connection's time goes into counting.
"""

import asyncio
import time
from datetime import UTC, datetime

import msgspec

from services.notify.inbox.frame import Wish, text_of
from services.notify.inbox.live import Hub
from services.notify.inbox.queries import Inboxes

GATHER_S = 0.2


async def count_unread(hub: Hub, inboxes: Inboxes) -> None:
    """Until cancelled; trouble with the server delays the counts."""
    while True:
        await hub.bell.wait()
        hub.bell.clear()
        await asyncio.sleep(GATHER_S)
        began = time.perf_counter()
        wishes, hub.changed = hub.changed, set()
        for wish in wishes:
            await _count(hub, inboxes, wish)
        await asyncio.sleep(time.perf_counter() - began)


async def _count(hub: Hub, inboxes: Inboxes, wish: Wish) -> None:
    readers = [r for r in hub.readers if r.wish == wish]
    if not readers:
        return
    try:
        counts = await inboxes.unread(wish.audiences, wish.reader, datetime.now(UTC))
    except Exception:  # the server is away: readiness says so
        hub.changed.add(wish)
        asyncio.get_running_loop().call_later(1.0, hub.bell.set)
        return
    text = text_of("counts", None, msgspec.json.encode(counts))
    for reader in readers:
        reader.count(text)
