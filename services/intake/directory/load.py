"""Saves the rows of a table, each by a command of its own, and reports what became of every row."""

import asyncio
from collections import Counter
from datetime import datetime
from functools import partial
from typing import Any
from uuid import uuid4

from litestar.datastructures import State

from chassis.errors import Refused
from contracts.directory import EntryKind, SaveEntry
from contracts.envelope import Actor
from services.intake.directory.accounts import identity
from services.intake.directory.entries import check, tabled
from services.intake.directory.model import Entry, key_of
from services.intake.directory.tables import Row, rows

Json = dict[str, Any]
AT_ONCE = 64


async def load(state: State, kind: EntryKind, data: bytes, actor: Actor, now: datetime) -> Json:
    """Totals by outcome, and the rows that were not simply saved again. Raises NotATable."""
    found = list(rows(kind, data, partial(identity, state.service.state["vault"])))
    reports = []
    for start in range(0, len(found), AT_ONCE):
        some = found[start : start + AT_ONCE]
        reports.extend(await asyncio.gather(*(_save(state, kind, row, actor, now) for row in some)))
    return {"rows": len(reports), **Counter(r["outcome"] for r in reports), "report": reports}


async def _save(state: State, kind: EntryKind, row: Row, actor: Actor, now: datetime) -> Json:
    if row.body is None:
        return {"row": row.line, "outcome": "refused", "reason": row.problem}
    key = key_of(row.body)
    found = await state.service.state["entries"].one(kind, key)
    before: Entry | None = found.state if found else None
    body = tabled(row.body, before)
    if before is not None and before.facts == body.model_dump(mode="json"):
        return {"row": row.line, "key": key, "outcome": "unchanged"}
    try:
        check(body, state.service.state["directory"])
    except Refused as error:
        return {"row": row.line, "key": key, "outcome": "refused", "reason": str(error)}
    facts = {"id": uuid4(), "occurred_at": now, "actor": actor, kind: body}
    reply = await state.service.commands.send(SaveEntry.model_validate(facts))
    if reply is None:
        return {"row": row.line, "key": key, "outcome": "accepted", "reason": "已受理, 结果稍后可查"}
    if not reply.ok:
        return {"row": row.line, "key": key, "outcome": "refused", "reason": reply.message}
    return {"row": row.line, "key": key, "outcome": "changed" if before else "created"}
