"""What the NOTIFY stream says about deliveries, and where an exported proof says otherwise. Pure."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime

import msgspec

from contracts.delivery import DELIVERY_NAMES
from services.notify.alerts.model import INBOX, SENT
from services.notify.proof.row import STATES, Line, masked, moment

SUBJECTS = (
    "notify.queued", "notify.delivered", "notify.undelivered", "notify.received", "notify.read", "notify.acknowledged",
)  # fmt: skip


class Heard(msgspec.Struct):
    """The part of an event of NOTIFY that is compared."""

    type: str
    recorded_at: datetime
    alert_id: str
    audience: str = ""
    delivery: int = -1
    provider: str = ""
    outcome: str = ""


class Witness:
    """`hear` the stream, in whatever order, then ask."""

    def __init__(self) -> None:
        self._shown: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        self._sent: defaultdict[tuple[str, str], set[tuple[str, str]]] = defaultdict(set)
        self._ended: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        self._acknowledged: defaultdict[str, set[str]] = defaultdict(set)
        self._read: set[str] = set()

    def hear(self, event: Heard) -> None:
        id_, at = event.alert_id, moment(event.recorded_at)
        match event.type:
            case "notify.queued":
                self._shown[id_, masked(event.audience)].add(at)
            case "notify.delivered":
                self._sent[id_, str(event.delivery)].add((event.provider, at))
            case "notify.undelivered":
                self._ended[id_, str(event.delivery)].add(DELIVERY_NAMES[event.outcome])  # type: ignore[index]
            case "notify.acknowledged":
                self._acknowledged[id_].add(at)
            case "notify.read" | "notify.received":
                self._read.add(id_)

    def differences(self, lines: Sequence[Line], whole: bool) -> Iterator[str]:
        """Sentences; none where every line is told by the stream. `whole`: the lines are not a part of an alert's, so
        that each delivery of theirs that the stream tells of has to be among them.
        """
        for line in lines:
            yield from (f"通知 {line.alert_id} 第 {line.delivery} 个投递: {why}" for why in self._line(line))
        if whole:
            yield from self._left_out(lines)

    def _line(self, line: Line) -> Iterator[str]:
        state = STATES.get(line.state)
        if line.sent_at:
            said = {at for provider, at in self._sent[line.alert_id, line.delivery] if provider == line.provider}
            said = self._shown[line.alert_id, line.recipient] if line.provider == INBOX else said
            if line.sent_at not in said:
                yield f"事件流中没有 {line.sent_at} 送达的记录"
        elif state is None or state in SENT:
            yield f"状态为“{line.state}”而没有送达时间"
        if state in ("failed", "expired") and line.state not in self._ended[line.alert_id, line.delivery]:
            yield f"事件流中没有“{line.state}”的记录"
        if line.acknowledged_at and line.acknowledged_at not in self._acknowledged[line.alert_id]:
            yield f"事件流中没有 {line.acknowledged_at} 确认的记录"
        if line.read_at and line.alert_id not in self._read:
            yield "事件流中没有已读的记录"

    def _left_out(self, lines: Sequence[Line]) -> Iterator[str]:
        listed = {(line.alert_id, line.delivery) for line in lines}
        alerts = {line.alert_id for line in lines}
        for id_, delivery in sorted(key for key, said in self._sent.items() if said and key not in listed):
            if id_ in alerts:
                yield f"通知 {id_} 第 {delivery} 个投递: 事件流中已送达, 文件中没有"
