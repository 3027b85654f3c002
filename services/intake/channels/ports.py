"""What all adapters share: taking a message into the log, and remembering where its conversation is answered.

The channel's own id of a person may be a phone number, so a reply address is kept encrypted under the id of the
conversation, which is all that the rest of the desk knows.
"""

import asyncio
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from litestar.exceptions import HTTPException
from nats.errors import Error as NatsError
from pymongo import UpdateOne
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import PyMongoError

from chassis.broker import NatsOutbox, PublishRefused
from chassis.logging import logger
from chassis.outgoing import Outgoing
from chassis.store import Raw, binary
from chassis.vault import Vault
from contracts.channel import ChannelMessage, conversation_of

ADDRESSES = "addresses"
# Vendors give up after 5 s; both waits together leave them an answer in time.
PUBLISH_WITHIN_S, WRITE_WITHIN_S = 3.0, 1.0
MOST_WAITING = 10_000

log = logger(__name__)


class NotTaken(HTTPException):
    """The log has not confirmed the message: the caller sends it again, under the same id."""

    status_code = 503

    def __init__(self) -> None:
        super().__init__(detail="消息暂时没有收下: 请稍后原样重发, 不会重复建单")


class Ports:
    """The log and the address book, as adapters see them."""

    def __init__(self, outbox: NatsOutbox, db: AsyncDatabase[Raw], vault: Vault) -> None:
        self._outbox, self._db, self.vault = outbox, db, vault
        self._waiting: list[tuple[str, UpdateOne]] = []

    async def publish(self, message: ChannelMessage) -> None:
        """Store the message in the stream CHANNEL. Raises NotTaken when the log has not confirmed it in time."""
        body = message.model_dump_json().encode()
        try:
            async with asyncio.timeout(PUBLISH_WITHIN_S):
                await self._outbox.publish([Outgoing(f"channel.in.{message.channel}", body, message.dedupe_id)])
        except (NatsError, TimeoutError, OSError, PublishRefused) as error:
            log.warning("channel message not taken", channel=message.channel, error=type(error).__name__)
            raise NotTaken from None

    async def remember(self, message: ChannelMessage, address: Mapping[str, str]) -> None:
        """Replies to this message's conversation go to `address`; the latest one counts."""
        conversation = conversation_of(message.channel, message.conversation_id)
        sealed = self.vault.seal(conversation, json.dumps(dict(address), ensure_ascii=False, sort_keys=True))
        facts = {"sealed": sealed, "channel": message.channel, "heard_at": datetime.now(UTC)}
        await self.write(ADDRESSES, conversation, {"$set": facts})

    async def address_of(self, conversation: UUID) -> dict[str, str] | None:
        """Where replies to a conversation go, None when nobody has said. Raises Unreadable when the key has changed."""
        if (found := await self._db[ADDRESSES].find_one({"_id": binary(conversation)})) is None:
            return None
        address: dict[str, str] = json.loads(self.vault.open(conversation, found["sealed"]))
        return address

    async def write(self, collection: str, id_: UUID, change: Mapping[str, Any]) -> None:
        """An upsert that a message need not wait for: while the database is away it is kept and done later."""
        update = UpdateOne({"_id": binary(id_)}, dict(change), upsert=True)
        if self._waiting:  # still away: this one must neither overtake the others nor wait itself
            self._put_off(collection, update)
            return
        try:
            async with asyncio.timeout(WRITE_WITHIN_S):
                await self._db[collection].bulk_write([update])
        except (PyMongoError, TimeoutError) as error:
            log.warning("written down later", collection=collection, error=type(error).__name__)
            self._put_off(collection, update)

    def _put_off(self, collection: str, update: UpdateOne) -> None:
        self._waiting = [*self._waiting, (collection, update)][-MOST_WAITING:]

    async def catch_up(self) -> None:
        """Do what `write` has put off, in order."""
        while self._waiting:
            collection, update = self._waiting[0]
            await self._db[collection].bulk_write([update])
            self._waiting = [waiting for waiting in self._waiting if waiting[1] is not update]

    async def take(self, messages: Sequence[tuple[ChannelMessage, Mapping[str, str]]]) -> None:
        """Remember and publish one after the other. Raises NotTaken."""
        for message, address in messages:
            if address:
                await self.remember(message, address)
            await self.publish(message)
