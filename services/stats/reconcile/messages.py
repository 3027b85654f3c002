"""What the hospital is told about a reconciliation, as messages of one conversation: intake makes a case of it. Pure.

Periods, classes, counts and sums only: nothing in it is personal.
"""

from collections.abc import Sequence
from typing import Final, Literal
from uuid import UUID

from contracts.channel import ChannelMessage, Sender
from contracts.reconciliation import (
    DifferenceTally,
    ReconciliationAnswered,
    ReconciliationEvent,
    ReconciliationProved,
    ReconciliationRaised,
    ReconciliationSettled,
)
from services.stats.reconcile.classes import NAMES
from services.stats.reconcile.model import yuan

_VERDICTS: Final = {"accepted": "属实", "rejected": "不属实", "corrected": "已更正"}


def message_of(event: ReconciliationEvent) -> ChannelMessage | None:
    """The message for an event; None where nobody needs to be told. The same event is the same message."""
    if (text := _text(event)) is None:
        return None
    # What the hospital says is a word of theirs; that it was compared again, or is settled, is the desk's answer.
    theirs = isinstance(event, ReconciliationRaised | ReconciliationAnswered)
    role: Literal["requester", "staff"] = "requester" if theirs else "staff"
    sender = Sender(id="reconciliation", name="对账", institution_code=event.fixmedins_code, role=role)
    return ChannelMessage(
        message_id=f"reconciliation:{event.id}",
        channel="web",
        conversation_id=conversation(event.reconciliation_id),
        sender=sender,
        subject=f"{event.period} 结算对账差异",
        text=text,
        occurred_at=event.occurred_at,
    )


def conversation(id_: UUID) -> str:
    return f"reconciliation:{id_}"


def _text(event: ReconciliationEvent) -> str | None:
    match event:
        case ReconciliationRaised():
            return _raised(event)
        case ReconciliationAnswered():
            return _answered(event)
        case ReconciliationProved():
            return _proved(event)
        case ReconciliationSettled():
            left = f", 其余 {event.agreed} 条已协商一致" if event.agreed else ", 两边已对平"
            note = f"。说明: {event.note}" if event.note else ""
            return f"{event.period} 结算对账已办结{left}{note}"
    return None


def _raised(event: ReconciliationRaised) -> str:
    lines = [f"对账: {event.period} 医院与医保中心的结算对账有 {event.count} 条差异, 请核实。"]
    lines += [f"{NAMES[t.of]}: {t.count} 条, 费用差额 {yuan(t.medfee)} 元, 基金差额 {yuan(t.fund)} 元, "  # type: ignore[index]
              f"个账差额 {yuan(t.acct)} 元" for t in event.tallies]  # fmt: skip
    lines.append(f"逐条明细和处理办法见统计服务 /reconciliations/{event.reconciliation_id}, 请在那里逐条反馈。")
    return "\n".join([*lines, *([f"说明: {event.note}"] if event.note else [])])


def _answered(event: ReconciliationAnswered) -> str:
    counts = {v: sum(1 for a in event.answers if a.verdict == v) for v in _VERDICTS}
    told = "、".join(f"{_VERDICTS[v]} {n} 条" for v, n in counts.items() if n)
    return f"{event.period} 对账差异已反馈: {told}; 还有 {event.open} 条待反馈。"


def _proved(event: ReconciliationProved) -> str:
    parts = (("已消除", event.gone), ("仍存在", event.left), ("新增", event.new))
    return f"{event.period} 重新对账: " + ", ".join(f"{name} {_count(tallies)} 条" for name, tallies in parts) + "。"


def _count(tallies: Sequence[DifferenceTally]) -> int:
    return sum(t.count for t in tallies)
