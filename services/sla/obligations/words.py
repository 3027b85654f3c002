"""What staff say about an occurrence, kept with the item that it is about."""

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from chassis.errors import NotFound, Refused
from chassis.message import Moment
from contracts.envelope import Event
from contracts.obligation import (
    AcknowledgeObligation,
    AttachEvidence,
    FulfilObligation,
    ItemState,
    ObligationAcknowledged,
    ObligationEvent,
    ObligationEvidenceAdded,
    ObligationFulfilled,
    ObligationProgressed,
    ObligationReopened,
    ObligationWaived,
    ReopenObligation,
    ReportObligationProgress,
    WaiveObligation,
)
from services.sla.obligations.deriving import derived
from services.sla.obligations.model import Acknowledged, Decision, Evidence, File, Item, Occurrence, Point
from services.sla.obligations.saying import about

MOST: Final = 1_000
"""Reports and pieces of evidence that one item takes, of each."""
# Everything that an occurrence heard and said is in its document, which MongoDB limits to 16 MiB. What programs send
# ends where there is still room for what people decide.
MAX_HEARD: Final = 8_000_000
MAX_DECIDED: Final = 12_000_000

Said = tuple[Occurrence, Sequence[Event]]


def report(o: Occurrence, moment: Moment, command: ReportObligationProgress) -> Said:
    """How far the items are, as the platform counts it."""
    check_room(o)
    told = {item.key: Point(command.occurred_at, item.done, item.of) for item in command.items}
    after = _with(o, told, lambda item: _reported(item, told[item.key]))
    was, now = ({item.key: item.points for item in occurrence.items} for occurrence in (o, after))
    news = [item for item in command.items if was[item.key] != now[item.key]]
    return after, [moment.event(ObligationProgressed, items=tuple(news), **about(after))] if news else []


def attach(o: Occurrence, moment: Moment, command: AttachEvidence) -> Said:
    """A piece more than the contract has is kept, and marked."""
    if not command.note.strip() and command.file is None:
        raise Refused("empty", "凭证是空的: 请填写说明, 或上传文件")
    check_room(o)
    sent = command.file
    if sent and any(e.file and e.file.sha256 == sent.sha256 for e in _item(o, command.item).evidence):
        raise Refused("same_file", "这份文件已经交过: 同一份文件只计一次, 请核对后上传另一份")
    file = None if sent is None else File(sent.sha256, sent.name, sent.size, sent.media_type)
    piece = Evidence(command.occurred_at, command.id, command.actor.id, command.note, file)
    after = _with(o, [command.item], lambda item: replace(item, evidence=_added(item.evidence, piece)))
    count = len(_item(after, command.item).evidence)
    facts = {"item": command.item, "evidence_id": command.id, "note": command.note, "file": command.file}
    exceeds = 0 < o.plan.most < count
    return after, [moment.event(ObligationEvidenceAdded, count=count, exceeds=exceeds, **facts, **about(after))]


def fulfil(o: Occurrence, moment: Moment, command: FulfilObligation) -> Said:
    return _decide(o, moment, command.items, "done", ObligationFulfilled, note=command.note)


def waive(o: Occurrence, moment: Moment, command: WaiveObligation) -> Said:
    return _decide(o, moment, command.items, "waived", ObligationWaived, reason=command.reason)


def reopen(o: Occurrence, moment: Moment, command: ReopenObligation) -> Said:
    return _decide(o, moment, command.items, "open", ObligationReopened, reason=command.reason)


def acknowledge(o: Occurrence, moment: Moment, command: AcknowledgeObligation) -> Said:
    """Said once; a later word counts, for something may have been opened again since."""
    known = Acknowledged(command.occurred_at, command.actor.id)
    after = derived(replace(o, acknowledged=max(known, o.acknowledged or known)))
    if o.silenced or not after.silenced:
        return after, []
    return after, [moment.event(ObligationAcknowledged, by=known.by, **about(after))]


def _decide(
    o: Occurrence, moment: Moment, keys: Sequence[str], state: ItemState, type_: type[ObligationEvent], **words: str
) -> Said:
    chosen = keys or [item.key for item in o.open]
    said = next(iter(words.values()))
    if size(o) > MAX_DECIDED:
        raise Refused("too_many", "这项义务登记的内容已达上限: 请联系运维")
    key = sha256(said.encode()).hexdigest()[:12] if said else ""
    decision = Decision(moment.message.occurred_at, state, moment.message.actor.id, key)
    after = _with(o, chosen, lambda item: replace(item, decisions=tuple(sorted((*item.decisions, decision)))))
    after = replace(after, texts={**o.texts, key: said} if said else o.texts)
    facts: dict[str, Any] = {"items": tuple(chosen), **words, **about(after)}
    return after, [moment.event(type_, **facts)] if chosen else []


def _with(o: Occurrence, keys: Iterable[str], change: Callable[[Item], Item]) -> Occurrence:
    """The occurrence with these items changed. Raises NotFound for one that it does not have."""
    wanted = set(keys)
    if unknown := sorted(wanted - {item.key for item in o.planned}):
        raise NotFound("not_found", f"这项义务里没有 {', '.join(unknown[:5])}: 请核对机构编码")
    items = tuple(change(item) if item.key in wanted else item for item in o.items)
    return derived(replace(o, items=items))


def _item(o: Occurrence, key: str) -> Item:
    return next((item for item in o.planned if item.key == key), Item(key))


def size(o: Occurrence) -> int:
    """About how many bytes its document takes: what is known of it, and what was said."""
    return o.spent + len(msgspec.json.encode(o))


def check_room(o: Occurrence, item: str = "") -> None:
    """Raises Refused where no report and no evidence is taken any more, of this item where one is given."""
    if size(o) > MAX_HEARD:
        raise Refused("too_many", "这项义务登记的内容已达上限: 请减少上报频率, 或联系运维; 完成、免除与知悉仍可登记")
    _check_count(_item(o, item).evidence)


def _reported(item: Item, point: Point) -> Item:
    """A report that repeats the latest numbers is not kept: whoever asks often would use up the room."""
    latest = item.points[-1] if item.points else None
    if latest and latest.at <= point.at and (latest.done, latest.of) == (point.done, point.of):
        return item
    return replace(item, points=_added(item.points, point))


def _added(known: tuple[Any, ...], one: Any) -> tuple[Any, ...]:
    _check_count(known)
    return tuple(sorted((*known, one)))


def _check_count(known: tuple[Any, ...]) -> None:
    if len(known) >= MOST:
        raise Refused("too_many", f"同一家的登记已达 {MOST} 次: 请减少上报频率")
