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
        self._waiting: dict[UUID, list[asyncio.Future[Reply]]] = {}

    async def start(self) -> None:
        await self._nc.subscribe(self._inbox, cb=self._on_reply)

    async def send(self, command: Command) -> Reply | None:
        """The outcome, or None when it is late; the command is stored either way and will be carried out."""
        # Raises NatsError when the log does not take the command: only what is stored may be called accepted.
        # Without an id for the broker: a wish that is sent again is to be answered again, and is done once anyway.
        future = asyncio.get_running_loop().create_future()
        waiting = self._waiting.setdefault(command.id, [])
        waiting.append(future)
        try:
            body = command.model_dump_json().encode()
            await self._outbox.publish([Outgoing(command.type, body, None, {REPLY_TO: self._inbox})])
            done, _ = await asyncio.wait([future], timeout=self._wait_s)
            return future.result() if done else None
        finally:
            waiting.remove(future)
            if not waiting:
                self._waiting.pop(command.id, None)

    async def _on_reply(self, msg: Msg) -> None:
        reply = Reply.model_validate_json(msg.data)
        for future in self._waiting.get(reply.command_id, ()):
            if not future.done():
                future.set_result(reply)
