"""Hears a durable without a fold: for what only translates events into commands, and so has no state of its own."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

from nats.errors import Error as NatsError

from chassis.inbox import NatsDelivery, NatsInbox
from chassis.logging import logger

MOST, WAIT_S, PAUSE_S, LONGEST_PAUSE_S = 256, 5.0, 0.5, 5.0

log = logger(__name__)


async def hear(inbox: NatsInbox, handle: Callable[[Sequence[NatsDelivery]], Awaitable[None]]) -> None:
    """Until cancelled. What `handle` is through with is acknowledged; where it raises, all of it comes again.

    Trouble with a server is waited out, with a pause that grows to 5 s.
    """
    pause = PAUSE_S
    task = asyncio.current_task()
    assert task is not None
    try:
        while not task.cancelling():  # asked for, because asyncio.wait_for swallows a cancellation at times
            deliveries: Sequence[NatsDelivery] = ()
            try:
                deliveries = await inbox.fetch(MOST, WAIT_S)
                if deliveries:
                    await handle(deliveries)
                    await inbox.acknowledge(deliveries)
                pause = PAUSE_S
            except Exception as error:
                log.warning("hearing waits", durable=inbox.name, error=type(error).__name__)
                for delivery in deliveries:  # best effort: else they come again after ack_wait
                    with suppress(Exception):
                        await delivery.nak(pause)
                pause = min(LONGEST_PAUSE_S, 2 * pause)
                await asyncio.sleep(pause)
    finally:
        with suppress(NatsError):
            await inbox.close()
