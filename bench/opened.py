"""Cases as intake opens them, for benches that have sla and no intake."""

from datetime import UTC, datetime

from bench.load import TEXTS
from chassis.outgoing import Outgoing
from contracts.case import CaseOpened
from contracts.channel import Sender
from contracts.envelope import Actor, derive_id


def opened(start: int, n: int) -> list[Outgoing]:
    """`n` cases of now, numbered from `start`."""
    return [_opened(i, datetime.now(UTC)) for i in range(start, start + n)]


def _opened(i: int, now: datetime) -> Outgoing:
    cause, text = derive_id("bench", "message", i), TEXTS[i % len(TEXTS)]
    event = CaseOpened(
        id=derive_id("bench", "opened", i),
        cause_id=cause,
        correlation_id=cause,
        version=1,
        occurred_at=now,
        recorded_at=now,
        actor=Actor(kind="requester", id=f"u{i}"),
        case_id=derive_id("bench", "case", i),
        number=f"YB-{i:05d}-BENCH",
        channel="wechat",
        conversation_id=f"c{i}",
        message_id=f"m{i}",
        requester=Sender(id=f"u{i}", name="信息科"),
        institution_code=f"H620102{i % 100_000:05d}",
        title=text[:40],
        text=text,
        category="结算支付",
        priority="normal",
    )
    return Outgoing(event.type, event.model_dump_json().encode(), str(event.id))
