"""One alert with everything about it: each delivery, and what happened in order, in the words of staff. Pure."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from contracts.delivery import DELIVERY_NAMES
from contracts.notify import URGENCY_NAMES, VIA_NAMES
from services.notify.alerts.model import Alert
from services.notify.digests.names import rule_name
from services.notify.proof.row import line, masked, moment

Json = dict[str, Any]
_RECEIPTS = {"received": "对方设备已收到", "read": "对方已读", "failed": "对方未收到"}


def shown(id_: UUID, alert: Alert, history: Sequence[str]) -> Json:
    """The answer of `GET /alerts/<id>`; times are Beijing's, people's accounts are masked."""
    facts: Json = msgspec.to_builtins(alert)
    return {
        "id": str(id_), "state": alert.state, "rule": alert.rule, "rule_name": rule_name(alert.rule),
        "urgency": alert.urgency, "urgency_name": URGENCY_NAMES[alert.urgency], "title": alert.title,
        "body": alert.body, "count": alert.count, "number": alert.number, "case_id": facts.get("case_id"),
        "obligation_id": facts.get("obligation_id"), "outage_id": facts.get("outage_id"),
        "audiences": [masked(audience) for audience in alert.audiences], "queued_at": moment(alert.queued_at),
        "expires_at": moment(alert.expires_at), "acknowledged_by": alert.acknowledged_by,
        "acknowledged_at": moment(alert.acknowledged_at), "settled_at": moment(alert.settled_at),
        "settled_because": alert.settled_because, "silenced": alert.silenced,
        "calls": [{"at": moment(c.at), "to": [masked(t) for t in c.to]} for c in alert.calls],
        "deliveries": [{**line(one)._asdict(), "then": list(alert.deliveries[n].then)} for n, one in _each(id_, alert)],
        "timeline": list(timeline(history)),
    }  # fmt: skip


def _each(id_: UUID, alert: Alert) -> Iterator[tuple[int, Json]]:
    """Each delivery as the database gives it."""
    for n, delivery in enumerate(alert.deliveries):
        facts = {name: getattr(delivery, name) for name in delivery.__struct_fields__}
        about = {"rule": alert.rule, "urgency": alert.urgency, "title": alert.title, "number": alert.number}
        yield n, {"_id": id_, "n": n, "state": {**about, "deliveries": facts}}


def timeline(history: Sequence[str]) -> Iterator[Json]:
    """What was said about it, oldest first; commands to others are not part of it."""
    for text in history:
        event: Json = msgspec.json.decode(text)
        if "recorded_at" in event and (words := _words(event)):
            at = msgspec.convert(event["recorded_at"], datetime)
            yield {"at": moment(at), "what": words}


def _words(event: Json) -> str:
    who = masked(str(event.get("audience") or event.get("recipient") or ""))
    by = masked(str(event["actor"].get("name") or event["actor"]["id"]))
    nth = f"第 {event.get('delivery')} 个投递"
    match event["type"]:
        case "notify.queued":
            return f"进入 {who} 的收件箱"
        case "notify.grew":
            return f"归并第 {event['count']} 个事件: {event['title']}"
        case "notify.escalated":
            return f"无人确认, 第 {event['step']} 级上报: {'、'.join(masked(t) for t in event['to'])}"
        case "notify.delivered":
            repeat = ", 可能重复" if event.get("repeat") else ""
            return f"{nth}经 {event['provider']} 送达 {who}{repeat}"
        case "notify.undelivered":
            then = f", 改用 {event['next']}" if event.get("next") else ""
            return f"{nth}经 {event['provider']} {DELIVERY_NAMES[event['outcome']]}: {event['reason']}{then}"
        case "notify.received":
            reason = f": {event['reason']}" if event.get("reason") else ""
            return f"{nth}回执: {_RECEIPTS[event['receipt']]}{reason}"
        case "notify.read":
            return f"{by} 已读 ({VIA_NAMES[event.get('via', 'inbox')]})"
        case "notify.acknowledged":
            return f"{by} 已确认 ({VIA_NAMES[event.get('via', 'inbox')]})"
        case "notify.settled":
            return f"无需再办: {event['reason']}"
        case kind if kind.startswith("delivery."):
            return f"{nth}第 {event['attempt']} 次交由 {event['provider']} 发给 {who}"
    return ""
