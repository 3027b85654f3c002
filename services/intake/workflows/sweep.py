"""Which cases are to be chased; each whose time has come is asked once, through the log, to say so."""

from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.broker import NatsOutbox
from chassis.http import now
from chassis.outgoing import Outgoing, from_command
from chassis.store import Document
from contracts.casework import RemindToChase
from contracts.envelope import SYSTEM, derive_id
from services.intake.model import Case
from services.intake.store import Cases

AT_ONCE = 500
# By status first: that index exists, and only cases that somebody else owes something to have a date to chase.
_PAUSED: dict[str, Any] = {"state.status": {"$in": ["waiting", "escalated"]}}


async def sweep(cases: Cases, outbox: NatsOutbox) -> int:
    """Ask at most AT_ONCE cases; returns how many. The same case and time is the same command, however often asked."""
    at = now()
    query = {**_PAUSED, "state.next_chase_at": {"$lte": at}}
    late = [(d.id, d.state.next_chase_at) for d in await cases.read(query, limit=AT_ONCE) if d.state]
    await outbox.publish([_reminder(id_, due_at, at) for id_, due_at in late if due_at is not None])
    return len(late)


async def to_chase(cases: Cases, among: dict[str, Any], until: datetime, limit: int) -> list[Document[Case]]:
    """Cases to be chased by `until`, of those that `among` asks for; those that are due already first."""
    query = {**_PAUSED, **among}
    late = await cases.read({**query, "state.chase_due_at": {"$lte": until}}, limit, [("state.chase_due_at", 1)])
    soon = await cases.read({**query, "state.next_chase_at": {"$lte": until}}, limit, [("state.next_chase_at", 1)])
    return [*late, *soon][:limit]


def _reminder(case_id: UUID, due_at: datetime, at: datetime) -> Outgoing:
    id_ = derive_id("remind_to_chase", case_id, due_at.isoformat())
    wish = RemindToChase(id=id_, occurred_at=at, actor=SYSTEM, case_id=case_id, due_at=due_at)
    return from_command(wish)
