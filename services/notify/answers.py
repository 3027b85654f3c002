"""Acknowledging by answering: `知悉 K7Q2MX` in WeCom or WeChat takes on the alert that the message told of.

The code follows from alert and recipient, so none is stored: it is sought among the alerts of the last days. Only the
recipient can use it, or a colleague whom it was passed on to; anybody else's answer changes nothing.
"""

import asyncio
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import msgspec
from pymongo.asynchronous.database import AsyncDatabase

from chassis.hearing import hear
from chassis.inbox import NatsDelivery, NatsInbox
from chassis.outgoing import from_command
from chassis.service import Service
from chassis.store import Raw
from contracts.channel import Channel, answer_code
from contracts.envelope import derive_id
from contracts.notify import AcknowledgeAlert
from contracts.topology import durables_of
from services.notify.links.actor import actor_for
from services.notify.links.codes import Codes, Told, allowed
from services.notify.people.picture import People

if TYPE_CHECKING:
    from chassis.vault import Vault

WITHIN = timedelta(hours=72)
WECOM = "wecom_app"


class _Sender(msgspec.Struct):
    id: str
    role: str = "requester"


class Answer(msgspec.Struct):
    """What is read of a channel message; nothing of it is kept."""

    message_id: str
    channel: Channel
    sender: _Sender
    occurred_at: datetime
    text: str = ""


Senders = Callable[[Channel, str], Collection[str]]
"""The recipients whose account this is, by channel and account: `staff:wang`, `contact:c1`; none for a stranger."""


class Answers:
    """Hears what people write; everything that is no answer to an alert is let go at once."""

    def __init__(self, service: Service, codes: Codes, senders: Senders) -> None:
        [durable] = [d for d in durables_of("notify") if d.part == "answers"]
        self._inbox = NatsInbox(service.nc, durable)
        self._outbox, self._db = service.outbox, service.db
        self._codes, self._senders = codes, senders

    async def run(self) -> None:
        """Until cancelled."""
        await hear(self._inbox, self._handle)

    async def _handle(self, deliveries: Sequence[NatsDelivery]) -> None:
        answers = [answer for d in deliveries if (answer := answer_in(d.data))]
        if wishes := await self._wishes(answers):
            await self._outbox.publish([from_command(wish) for wish in wishes])

    async def _wishes(self, answers: Sequence[tuple[str, Answer]]) -> list[AcknowledgeAlert]:
        """Whoever is nobody's account is let go before an alert is looked at; the alerts are read once for all."""
        known = [(code, answer, keys) for code, answer in answers if (keys := self._keys(answer))]
        if not known:
            return []
        everybody = frozenset(key for _, _, keys in known for key in keys)
        told = [t for t in await alerts_since(self._db, datetime.now(UTC) - WITHIN) if allowed(t, everybody)]
        # Each code takes 15 µs, and a colleague may answer for anybody: not in the loop's time.
        by_code = await asyncio.to_thread(self._codes.by_code, told)
        return [wish for code, answer, keys in known for wish in _wished(answer, keys, by_code.get(code, ()))]

    def _keys(self, answer: Answer) -> Collection[str]:
        return self._senders(answer.channel, answer.sender.id)


def _wished(answer: Answer, keys: Collection[str], told: Iterable[Told]) -> Iterator[AcknowledgeAlert]:
    for one in told:
        if (who := allowed(one, keys)) is not None:
            yield AcknowledgeAlert(
                id=derive_id("answer", answer.channel, answer.message_id, one.alert_id, one.recipient),
                occurred_at=answer.occurred_at, actor=actor_for(who), alert_id=one.alert_id, via="reply",
                recipient=one.recipient,
            )  # fmt: skip


def answer_in(data: bytes) -> tuple[str, Answer] | None:
    """The code that a channel message answers with; None for all others, and for what intake has to refuse."""
    try:
        answer = msgspec.json.decode(data, type=Answer)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    code = answer_code(answer.text)
    return None if code is None or answer.occurred_at.tzinfo is None else (code, answer)


async def alerts_since(db: AsyncDatabase[Raw], since: datetime) -> set[Told]:
    """Whom the alerts since then are for that nobody has taken on yet."""
    query: Raw = {"state.queued_at": {"$gt": since}, "state.acknowledged_by": None, "state.settled_at": None}
    return {
        Told(raw["_id"], delivery["recipient"])
        async for raw in db["alerts"].find(query, {"state.deliveries.recipient": 1})
        for delivery in raw["state"].get("deliveries", ())
    }


def senders_of(people: People, vault: "Vault", kinds: Mapping[str, str]) -> Senders:
    """By the directory's accounts of staff, and by what recipients gave as their address at a WeCom application.

    `kinds` are the providers with their kinds.
    """
    providers = [name for name, kind in kinds.items() if kind == WECOM]

    def keys(channel: Channel, account: str) -> set[str]:
        identity = vault.identity(channel, account.strip())
        staff = {f"staff:{m.id}" for m in people.entries.all_staff() if identity in {i.key for i in m.identities}}
        wished = (r.key for r in people.wishes.recipients() for p in providers if _is_at(r.key, p, account))
        return staff | set(wished)

    def _is_at(key: str, provider: str, account: str) -> bool:
        return people.address(key, provider, WECOM, vault) == account.strip()

    return keys
