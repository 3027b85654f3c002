"""Occurrences as the API shows them, with words of Chinese for people."""

from typing import Any

import msgspec
from msgspec.structs import replace

from chassis.rows import sees, sees_all
from chassis.store import Document
from chassis.token import Principal
from contracts.obligation import period_name
from services.sla.obligations.model import Item, Occurrence

Json = dict[str, Any]
STATES = {"open": "进行中", "overdue": "逾期", "completed": "已完成", "dropped": "已取消", "planned": "未开始"}
LABELS = {"open": "未完成", "done": "已完成", "waived": "已免除"}


def state_of(o: Occurrence) -> str:
    return "overdue" if o.state == "open" and o.overdue else o.state


def narrowed(document: Document[Occurrence], who: Principal) -> Document[Occurrence] | None:
    """Only with the items that he sees, and as far as these are; None where he sees none."""
    o = document.state
    assert o is not None
    if sees_all(who):
        return document
    items = tuple(item for item in o.items if sees(who, item.key))
    if not any(item.planned for item in items):
        return None
    part = replace(o, items=items, acknowledged=None, completed_at=None, next_at=None)
    state = "completed" if o.state == "open" and not part.open else o.state
    return Document(document.id, replace(part, state=state), document.version)


def summary(document: Document[Occurrence], institution: str | None = None) -> Json:
    """One occurrence in a list; of one institution, with how far that one is."""
    o = document.state
    assert o is not None
    plan = o.plan
    shown: Json = {
        "id": str(document.id),
        "version": document.version,
        "definition": plan.definition,
        "title": plan.title,
        "period": plan.period,
        "period_name": period_name(plan.period),
        "contract": None if plan.each == "desk" else plan.holder,
        "holder_name": plan.holder_name,
        "opens_at": plan.opens_at,
        "due_at": plan.due_at,
        "state": state_of(o),
        "state_name": STATES[state_of(o)],
        "counts": {"open": o.count("open"), "done": o.count("done"), "waived": o.count("waived")},
        "completed_at": o.completed_at,
        "acknowledged_by": o.acknowledged.by if o.acknowledged and o.silenced else None,
    }
    if institution:
        shown["item"] = next(item_of(item, o) for item in o.planned if item.key == institution)
    return shown


def whole(document: Document[Occurrence]) -> Json:
    """One occurrence with its items and their evidence."""
    o = document.state
    assert o is not None
    return {
        **summary(document),
        "todo": o.plan.todo,
        "calendar": o.plan.calendar,
        "edition": o.plan.edition,
        "least": o.plan.least or None,
        "most": o.plan.most or None,
        "next": {"threshold": o.next_label, "at": o.next_at} if o.next_at else None,
        "steps": msgspec.to_builtins(o.plan.steps),
        "items": [item_of(item, o) for item in o.planned],
        "former": [item_of(item, o) for item in o.items if not item.planned],
    }


def item_of(item: Item, o: Occurrence) -> Json:
    where = f"/obligations/{o.obligation_id}/evidence"
    pieces = [
        {**msgspec.to_builtins(piece), "url": f"{where}/{piece.id}" if piece.file else None} for piece in item.evidence
    ]
    return {
        "key": item.key,
        "name": item.name,
        "state": item.state,
        "state_name": LABELS[item.state],
        "since": item.since,
        "done": item.done,
        "of": item.of,
        "rate": round(min(item.done / item.of, 1), 4) if item.of else None,
        "exceeds": 0 < o.plan.most < len(item.evidence),
        "decisions": [
            {"at": d.at, "state": d.state, "by": d.by, "reason": o.texts.get(d.note, "")} for d in item.decisions
        ],
        "evidence": pieces,
    }
