"""Where an exported proof of delivery says otherwise than the NOTIFY stream. Pure."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

from services.notify.alerts.model import INBOX, SENT
from services.notify.digests.names import rule_name
from services.notify.proof.row import STATES, Line
from services.notify.proof.said import Heard, Said, Sent

COMPARED = (
    "规则, 紧急程度, 标题, 工单号, 收件人, 途径, 状态, 登记时间, 送达时间, 已读时间, 确认时间, 尝试次数, 可能重复, 用时"
)
"""The columns of what was delivered that are compared: all but the provider's own times, and reasons in words."""
ALL_SAID = 10
"""Up to so many events an alert says every growth, and so every title that it has had."""
_DIGEST = rule_name("digest")


class Witness:
    """`hear` the stream, in whatever order, then ask. Only what is said of these `alerts` is kept."""

    def __init__(self, alerts: Collection[str]) -> None:
        self._said = {id_: Said() for id_ in alerts}

    def hear(self, event: Heard) -> None:
        if (said := self._said.get(event.alert_id)) is not None:
            said.hear(event)

    def differences(self, lines: Sequence[Line], whole: bool) -> Iterator[str]:
        """Sentences; none where every line is told by the stream. `whole`: the lines are not a part of an alert's, so
        that each delivery of theirs that the stream tells of has to be among them.
        """
        for line in lines:
            said = self._said[line.alert_id]
            for why in (*_about(line, said), *_sent(line, said), *_ended(line, said), *_noticed(line, said)):
                yield f"通知 {line.alert_id} 第 {line.delivery} 个投递: {why}"
        if whole:
            yield from self._left_out(lines)

    def _left_out(self, lines: Sequence[Line]) -> Iterator[str]:
        listed = {(line.alert_id, line.delivery) for line in lines}
        told = ((id_, delivery) for id_, said in self._said.items() for delivery in said.sent)
        for id_, delivery in sorted(set(told) - listed):
            yield f"通知 {id_} 第 {delivery} 个投递: 事件流中已送达, 文件中没有"


def _about(line: Line, said: Said) -> Iterator[str]:
    """What kind of alert it is. A digest is in nobody's inbox, so the stream has no words of it."""
    if not said.about:
        if line.rule != _DIGEST:
            yield "事件流中没有这条通知"
        return
    if (line.rule, line.urgency, line.number) not in said.about:
        yield "规则、紧急程度或工单号与事件流不符"
    if said.grown < ALL_SAID and line.title not in said.titles:
        yield "标题与事件流不符"
    if line.queued_at < said.began:
        yield f"登记时间早于事件流中的 {said.began}"


def _sent(line: Line, said: Said) -> Iterator[str]:
    state = STATES.get(line.state)
    if not line.sent_at:
        if state is None or state in SENT:
            yield f"状态为“{line.state}”而没有送达时间"
        return
    if not _took(line):
        yield "用时与登记、送达时间不符"
    if line.provider == INBOX:
        if (line.recipient, line.sent_at) not in said.shown:
            yield f"事件流中没有 {line.sent_at} 送达的记录"
        return
    told = [s for s in said.sent[line.delivery] if (s.provider, s.at) == (line.provider, line.sent_at)]
    yield from _handed(line, told[0]) if told else (f"事件流中没有 {line.sent_at} 送达的记录",)


def _handed(line: Line, told: Sent) -> Iterator[str]:
    if line.recipient != told.recipient:
        yield "收件人与事件流不符"
    if line.attempts != told.attempts:
        yield "尝试次数与事件流不符"
    if told.repeat and not line.repeat:  # the other way round: a second hand-over is noted without an event
        yield "事件流中为可能重复, 文件中没有"


def _took(line: Line) -> bool:
    """Whether the seconds fit the two times, whose fractions are cut off."""
    try:
        took = datetime.fromisoformat(line.sent_at) - datetime.fromisoformat(line.queued_at)
        return abs(took.total_seconds() - float(line.seconds)) <= 1
    except ValueError:
        return False


def _ended(line: Line, said: Said) -> Iterator[str]:
    if STATES.get(line.state) not in ("failed", "expired"):
        return
    told = [who for state, who in said.ended[line.delivery] if state == line.state]
    if not told:
        yield f"事件流中没有“{line.state}”的记录"
    elif line.recipient not in told:
        yield "收件人与事件流不符"


def _noticed(line: Line, said: Said) -> Iterator[str]:
    """What the recipient did, and what the provider heard of it."""
    state, nth = STATES.get(line.state), line.delivery
    if line.received_at and (nth, "received") not in said.receipts:
        yield "事件流中没有回执的记录"
    if line.read_at and line.read_at not in said.read and (nth, "read") not in said.receipts:
        yield f"事件流中没有 {line.read_at} 已读的记录"
    elif state == "read" and not line.read_at:
        yield "状态为“已读”而没有已读时间"
    if line.acknowledged_at and line.acknowledged_at not in said.acknowledged:
        yield f"事件流中没有 {line.acknowledged_at} 确认的记录"
    elif state == "acknowledged" and not line.acknowledged_at:
        yield "状态为“已确认”而没有确认时间"
