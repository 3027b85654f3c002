"""HTTP's way into the log: publish a command, wait for its outcome on a reply inbox, else 202 and a URL."""

import asyncio
from uuid import UUID

from nats.aio.client import Client
from nats.aio.msg import Msg

from chassis.broker import NatsOutbox
from chassis.message import REPLY_TO
from chassis.outgoing import Outgoing
from contracts.envelope import Command, Reply


class CommandBus:
    """Publishes commands and hands each reply to the request that waits for it."""

    def __init__(self, nc: Client, outbox: NatsOutbox, wait_s: float) -> None:
        self._nc, self._outbox, self._wait_s = nc, outbox, wait_s
        self._inbox = nc.new_inbox()
        self._waiting: dict[UUID, asyncio.Future[Reply]] = {}

    async def start(self) -> None:
        await self._nc.subscribe(self._inbox, cb=self._on_reply)

    async def send(self, command: Command) -> Reply | None:
        """The outcome, or None when it is late; the command is stored either way and will be carried out."""
        future = self._waiting[command.id] = asyncio.get_running_loop().create_future()
        try:
            headers = {REPLY_TO: self._inbox}
            body = command.model_dump_json().encode()
            # Without an id for the broker: a wish that is sent again is to be answered again, and is done once anyway.
            await self._outbox.publish([Outgoing(command.type, body, None, headers)])
            return await asyncio.wait_for(future, self._wait_s)
        except TimeoutError:
            return None
        finally:
            self._waiting.pop(command.id, None)

    async def _on_reply(self, msg: Msg) -> None:
        reply = Reply.model_validate_json(msg.data)
        future = self._waiting.get(reply.command_id)
        if future is not None and not future.done():
            future.set_result(reply)
