"""Which deliveries somebody wants to see: from the query of a request to that of the database."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar.exceptions import HTTPException

from chassis.zone import BEIJING
from contracts.delivery import DeliveryState

Raw = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """Everything given must fit. `since` and `until` are about when a delivery was queued; `case` is an id or a
    number.
    """

    recipient: str | None = None
    provider: str | None = None
    state: DeliveryState | None = None
    rule: str | None = None
    case: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def filters(self) -> dict[str, str]:
        """What is given, as texts: a proof says what it is a proof of."""
        given = {name: getattr(self, name) for name in type(self).__slots__}
        return {k: v.isoformat() if isinstance(v, datetime) else str(v) for k, v in given.items() if v is not None}

    def pipeline(self) -> list[Raw]:
        """One document for each delivery, the latest alerts first; see `services.notify.proof.row.line`."""
        wanted = self._deliveries()
        alerts: Raw = {**self._alerts(), "state.deliveries": {"$elemMatch": wanted} if wanted else {"$exists": True}}
        if self.until is not None:
            alerts["state.queued_at"] = {"$lt": self.until}
        kept = ("rule", "urgency", "title", "number", "deliveries")
        return [
            {"$match": alerts},
            {"$sort": {"state.queued_at": -1, "_id": 1}},
            {"$project": {f"state.{name}": 1 for name in kept}},
            {"$unwind": {"path": "$state.deliveries", "includeArrayIndex": "n"}},
            {"$match": {f"state.deliveries.{name}": value for name, value in wanted.items()}},
        ]

    def _alerts(self) -> Raw:
        found: Raw = {"state.rule": self.rule} if self.rule else {}
        if self.case:
            try:
                found["state.subject"] = UUID(self.case)  # of an alert about a case that is the case's id
            except ValueError:
                found["state.number"] = self.case
        return found

    def _deliveries(self) -> Raw:
        found: Raw = {"recipient": self.recipient, "provider": self.provider}
        # A delivery that waits is stored without a state, because that is how it begins.
        found["state"] = {"$in": ["queued", None]} if self.state == "queued" else self.state
        within = {"$gte": self.since, "$lt": self.until}
        found["queued_at"] = {k: v for k, v in within.items() if v is not None} or None
        return {name: value for name, value in found.items() if value is not None}


def moment(name: str, text: str | None) -> datetime | None:
    """A time, or a day in Beijing. Raises a 400 that says how to write it."""
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text.replace(" ", "+") if "T" in text else text)
    except ValueError:
        raise HTTPException(
            status_code=400, detail=f"{name} 不是时间: 请写成 2026-11-20 或 2026-11-20T17:30:00+08:00"
        ) from None
    return at if at.tzinfo else at.replace(tzinfo=BEIJING)
