"""What the inbox asks of the collection of alerts. Only reads: alerts change by commands alone."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from pymongo import DESCENDING
from pymongo.asynchronous.database import AsyncDatabase

from chassis.store import Raw

Json = dict[str, Any]
UNREAD_WITHIN = timedelta(days=30)
COUNTED = 1_000  # 999+ is enough to know
_NONE: Json = {
    "rule": "", "urgency": "normal", "title": "", "body": "", "audiences": [], "queued_at": None, "occurred_at": None,
    "count": 1, "case_id": None, "number": "", "clock": None, "cycle": 0, "obligation_id": None, "outage_id": None,
    "read_by": [], "acknowledged_by": None, "acknowledged_at": None, "acknowledged_via": "", "escalated": 0,
    "silenced": "", "settled_at": None, "settled_because": "",
}  # fmt: skip
_SHOWN = {f"state.{name}": 1 for name in _NONE}
_STATES: dict[str, Json] = {
    "acknowledged": {"state.acknowledged_by": {"$ne": None}},
    "read": {"state.acknowledged_by": None, "state.read_by.0": {"$exists": True}},
    "queued": {"state.acknowledged_by": None, "state.read_by.0": {"$exists": False}},
    "open": {"state.acknowledged_by": None, "state.settled_at": None},
}


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which alerts: everything given must fit. `before` is the alert that the page before ended with."""

    audiences: Sequence[str]
    unread_by: str = ""
    urgency: str = ""
    rule: str = ""
    case: UUID | None = None
    state: str = ""
    before: UUID | None = None


def row(raw: Raw) -> Json:
    """An alert as the API shows it: every field, also those that are not stored because they say nothing."""
    state = {name: raw["state"].get(name, none) for name, none in _NONE.items()}
    shown: Json = msgspec.to_builtins(state)
    is_read = "read" if state["read_by"] else "queued"
    now = "acknowledged" if state["acknowledged_by"] is not None else is_read
    return {"alert_id": str(raw["_id"]), "state": now, **shown}


def unread_by(reader: str) -> Raw:
    """Not read by `reader`, and nobody has taken it on: there is still something in it to know."""
    return {"state.read_by": {"$ne": reader}, "state.acknowledged_by": None, "state.settled_at": None}


def _query(wanted: Wanted) -> list[Raw]:
    fits: list[Raw] = [{"state.audiences": {"$in": list(wanted.audiences)}}]
    fits += [unread_by(wanted.unread_by)] if wanted.unread_by else []
    fits += [{f"state.{name}": value} for name in ("urgency", "rule") if (value := getattr(wanted, name))]
    fits += [{"state.subject": wanted.case}] if wanted.case else []
    return fits + ([_STATES[wanted.state]] if wanted.state else [])


class Inboxes:
    """Alerts by audience, latest first."""

    def __init__(self, db: AsyncDatabase[Raw]) -> None:
        self._alerts = db["alerts"]

    async def page(self, wanted: Wanted, limit: int) -> list[Json]:
        """Alerts of one time, a batch has many, are in order of their ids: so the page after it begins where it ended.

        The index knows the time only. What has the time at which a page begins or ends is asked for by itself.
        """
        fits, found = _query(wanted), list[Raw]()
        if wanted.before and (last := await self._alerts.find_one({"_id": wanted.before}, {"state.queued_at": 1})):
            at = last["state"]["queued_at"]
            found = await self._find([*fits, {"state.queued_at": at}, {"_id": {"$lt": wanted.before}}])
            fits = [*fits, {"state.queued_at": {"$lt": at}}]
        if len(found) < limit:
            found += await self._find(fits, limit - len(found))
            if len(found) == limit:
                end = found[-1]["state"]["queued_at"]
                found = [r for r in found if r["state"]["queued_at"] != end]
                found += await self._find([*fits, {"state.queued_at": end}])
        found.sort(key=lambda raw: (raw["state"]["queued_at"], raw["_id"]), reverse=True)
        return [row(raw) for raw in found[:limit]]

    async def _find(self, fits: Sequence[Raw], limit: int = 0) -> list[Raw]:
        found = self._alerts.find({"$and": fits}, _SHOWN, limit=limit, sort=[("state.queued_at", DESCENDING)])
        return await found.to_list()

    async def one(self, alert: UUID) -> Raw | None:
        """The state of an alert as it is stored."""
        raw = await self._alerts.find_one({"_id": alert}, {"state": 1})
        return None if raw is None else raw["state"]

    async def unread(self, audiences: Iterable[str], reader: str, now: datetime) -> Json:
        """How many are unread of the last 30 days, how many of them urgent; both stop at 1,000."""
        query: Raw = {
            "state.audiences": {"$in": list(audiences)}, "state.queued_at": {"$gt": now - UNREAD_WITHIN},
            **unread_by(reader),
        }  # fmt: skip
        pipeline: list[Raw] = [{"$match": query}, {"$limit": COUNTED}, {"$sortByCount": "$state.urgency"}]
        found = {r["_id"]: r["count"] async for r in await self._alerts.aggregate(pipeline)}
        unread = sum(found.values())
        return {"unread": unread, "urgent": found.get("urgent", 0), "more": unread == COUNTED}

    async def unread_ids(self, audiences: Collection[str], reader: str, limit: int) -> list[UUID]:
        """The latest first."""
        query: Raw = {"state.audiences": {"$in": list(audiences)}, **unread_by(reader)}
        order = [("state.queued_at", DESCENDING)]
        return [raw["_id"] async for raw in self._alerts.find(query, {"_id": 1}, limit=limit, sort=order)]

    async def audiences(self, alerts: Collection[UUID]) -> dict[UUID, frozenset[str]]:
        found = self._alerts.find({"_id": {"$in": list(alerts)}}, {"state.audiences": 1})
        return {raw["_id"]: frozenset(raw["state"]["audiences"]) async for raw in found}

    async def counts(self, audiences: Sequence[str]) -> Json:
        """Alerts in these inboxes: all, acknowledged, and by rule."""
        # A field that is not stored is neither null nor not null here: so $ifNull.
        taken = {"$cond": [{"$ne": [{"$ifNull": ["$state.acknowledged_by", None]}, None]}, 1, 0]}
        pipeline: list[Raw] = [
            {"$match": {"state.audiences": {"$in": list(audiences)}}},
            {"$group": {"_id": "$state.rule", "n": {"$sum": 1}, "acknowledged": {"$sum": taken}}},
        ]
        rows = [r async for r in await self._alerts.aggregate(pipeline)]
        return {
            "total": sum(r["n"] for r in rows),
            "acknowledged": sum(r["acknowledged"] for r in rows),
            "by_rule": {r["_id"]: r["n"] for r in rows},
        }
