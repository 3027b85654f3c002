"""Calls while they are open: from the first ring until somebody has noted or missed them.

The caller's number is kept encrypted; what is shown is masked. Every change is one update of one document that may be
made twice, so that a switch that repeats itself and an agent who clicks twice change nothing.
"""

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from pymongo import ReturnDocument
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import DuplicateKeyError

from chassis.errors import NotFound, Refused
from chassis.personal.masking import mask_id
from chassis.store import Raw, binary
from chassis.zone import BEIJING
from contracts.channel import ChannelMessage
from contracts.envelope import derive_id
from services.intake.channels.phone.messages import Heard, Note, message_of_call, message_of_missed
from services.intake.channels.ports import Ports
from services.intake.channels.store import COLLECTION

_AT_ONCE = 100


class Calls:
    """`missed_after` leaves an event that was overtaken the time to arrive."""

    def __init__(self, db: AsyncDatabase[Raw], ports: Ports, missed_after: timedelta) -> None:
        self._calls, self._ports, self._missed_after = db[COLLECTION], ports, missed_after

    async def hear(self, heard: Heard, now: datetime) -> Raw:
        """Add what an event knows; the call as it is then."""
        id_ = _id(heard.call_id)
        earliest = {name: at for name in ("rang_at", "answered_at") if (at := getattr(heard, name))}
        facts: Raw = {"heard_at": now}
        if heard.number:
            facts |= {"sealed": self._ports.vault.seal(id_, heard.number), "number": mask_id(heard.number)}
        facts |= {name: value for name in ("recording", "agent") if (value := getattr(heard, name))}
        update: Raw = {
            "$set": facts,
            "$setOnInsert": {"call_id": heard.call_id, "direction": heard.direction, "open": True},
        }
        if earliest:
            update["$min"] = earliest
        if heard.ended_at:
            update["$max"] = {"ended_at": heard.ended_at}
        return await self._update({"_id": binary(id_)}, update)

    async def note(self, call_id: str, note: Note, staff: str, now: datetime) -> ChannelMessage:
        """The note as a message, the same for the same words. Raises Refused when the call has been noted otherwise."""
        call = await self.find(call_id)
        digest = sha256("\x1f".join((note.text, note.name, note.institution or "")).encode()).hexdigest()
        message_of_call(_heard(call, ""), note, now, "x")  # before it is written down: it must be a message
        noted = call.get("noted")
        if noted is None or (noted["digest"] != digest and not noted.get("published")):
            wanted = {"noted.digest": noted["digest"], "noted.published": None} if noted else {"noted": None}
            mine = {"noted": {"digest": digest, "at": now, "by": staff, "name": note.name}}
            await self._calls.update_one({"_id": call["_id"], **wanted}, {"$set": mine})
            call = await self.find(call_id)
        if call["noted"]["digest"] != digest:
            by = call["noted"]["by"]
            raise Refused(
                "noted", f"这通电话已由 {by} 记录: 请在工单中补充, 或用 /messages/phone/call:{call_id} 查看工单"
            )
        return message_of_call(self._opened(call), note, call["noted"]["at"], self._caller(call))

    async def noted(self, call_id: str) -> None:
        """The log has the note."""
        change = {"$set": {"noted.published": True}, "$unset": {"open": ""}}
        await self._calls.update_one({"_id": binary(_id(call_id))}, change)

    async def announce_missed(self) -> None:
        """Publish calls that ended unanswered; again after a crash, under the same id."""
        query = {
            "open": True, "heard_at": {"$lte": datetime.now(UTC) - self._missed_after},
            "ended_at": {"$ne": None}, "answered_at": None, "noted": None, "direction": "in",
        }  # fmt: skip
        async for call in self._calls.find(query).limit(_AT_ONCE):
            await self._ports.publish(message_of_missed(self._opened(call), self._caller(call), BEIJING))
            await self._calls.update_one({"_id": call["_id"]}, {"$set": {"missed": True}, "$unset": {"open": ""}})

    async def find(self, call_id: str) -> Raw:
        """Raises NotFound."""
        if (call := await self._calls.find_one({"_id": binary(_id(call_id))})) is None:
            raise NotFound("not_found", f"没有来电 {call_id}: 请核对编号, 或在记录中填写 rang_at 和 caller")
        return call

    async def open(self, limit: int) -> list[Raw]:
        """Calls that nobody has noted yet, the latest first."""
        return await self._calls.find({"open": True}).sort("heard_at", -1).limit(limit).to_list()

    async def _update(self, query: Raw, update: Raw) -> Raw:
        for _ in range(2):
            try:
                found = await self._calls.find_one_and_update(
                    query, update, upsert=True, return_document=ReturnDocument.AFTER
                )
            except DuplicateKeyError:  # two first events at once: the second now finds the document
                continue
            if found is not None:
                return found
        raise Refused("busy", "同一来电正在更新: 请稍后重发")

    def _opened(self, call: Raw) -> Heard:
        id_ = UUID(str(call["_id"]))
        return _heard(call, self._ports.vault.open(id_, call["sealed"]) if "sealed" in call else "")

    def _caller(self, call: Raw) -> str:
        """The conversation: one per number, which cannot be guessed back; a hidden number has one per call."""
        number = self._opened(call).number
        return self._ports.vault.identity("phone", number or f"call:{call['call_id']}").hex


def shown(call: Raw) -> dict[str, Any]:
    """A call as staff see it."""
    names = ("call_id", "number", "direction", "rang_at", "answered_at", "ended_at", "recording", "agent", "missed")
    return {name: call[name] for name in names if name in call} | {"noted_by": (call.get("noted") or {}).get("by")}


def _id(call_id: str) -> UUID:
    return derive_id("call", call_id)


def _heard(call: Raw, number: str) -> Heard:
    times = (call.get("rang_at"), call.get("answered_at"), call.get("ended_at"))
    return Heard(call["call_id"], number, call["direction"], *times, call.get("recording", ""), call.get("agent", ""))
