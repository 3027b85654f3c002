"""The pure core of a reconciliation: one comparison, raise, answer or settle, one moment."""

from collections.abc import Sequence
from typing import Any, Final

from msgspec.structs import replace

from chassis.errors import NotFound, Refused, Stale
from chassis.message import Moment
from chassis.personal.masking import mask
from contracts.envelope import Event
from contracts.reconciliation import (
    AnswerReconciliation,
    CompareReconciliation,
    DifferenceTally,
    RaiseReconciliation,
    ReconciliationAnswered,
    ReconciliationCommand,
    ReconciliationCompared,
    ReconciliationProved,
    ReconciliationRaised,
    ReconciliationSettled,
    SettleReconciliation,
)
from services.stats.reconcile.model import Item, Reconciliation, Status, item_of, tallies_of, tally_of

Folded = tuple[Reconciliation, Sequence[Event]]
# Everything that was said is in the document, beside the differences; MongoDB limits it to 16 MiB.
MAX_SAID: Final = 8_000_000


def fold(known: Reconciliation | None, moment: Moment) -> Folded:
    """Raises Refused for a command that cannot be followed now, NotFound when nothing was compared yet."""
    command = moment.message.body
    assert isinstance(command, ReconciliationCommand)
    if command.expected_version not in (None, moment.version):
        raise Stale("对账", moment.version)
    if isinstance(command, CompareReconciliation):
        return _compare(known, moment, command)
    if known is None:
        raise NotFound("not_found", "这家机构在这个期间还没有对过账: 请先提交对账任务")
    match command:
        case RaiseReconciliation():
            return _raise(known, moment, command)
        case AnswerReconciliation():
            return _answer(known, moment, command)
        case SettleReconciliation():
            return _settle(known, moment, command)
    raise Refused("unknown_command", f"不认识的命令 {command.type}")


def _compare(known: Reconciliation | None, moment: Moment, command: CompareReconciliation) -> Folded:
    before = {item.id: item for item in known.items} if known is not None else {}
    after = Reconciliation(
        fixmedins_code=command.fixmedins_code,
        period=command.period,
        status="open" if command.count else "balanced",
        run_id=command.run_id,
        compared_at=moment.now,
        balanced=command.balanced,
        count=command.count,
        differences_sha256=command.differences_sha256,
        tallies=tuple(map(tally_of, command.tallies)),
        items=tuple(_carried(item_of(d), before.get(d.id)) for d in command.differences),
        raised_at=known.raised_at if known is not None else None,
        raised_by=known.raised_by if known is not None else "",
        spent=known.spent if known is not None else 0,
    )
    facts = {**_about(after, moment), "run_id": command.run_id}
    compared = moment.event(
        ReconciliationCompared, balanced=command.balanced, count=command.count, listed=len(command.differences),
        tallies=command.tallies, differences_sha256=command.differences_sha256, **facts,
    )  # fmt: skip
    if known is None or known.raised_at is None:
        return after, [compared]
    return _proved(known, after, moment, compared, facts)


def _carried(item: Item, before: Item | None) -> Item:
    """What was put right and is still there was not put right: the hospital is asked again."""
    if before is None:
        return item
    if before.verdict == "corrected":
        return replace(item, raised=before.raised, note=before.note)
    told = (before.raised, before.verdict, before.note, before.answered_by)
    return replace(item, raised=told[0], verdict=told[1], note=told[2], answered_by=told[3])


def _proved(
    before: Reconciliation, after: Reconciliation, moment: Moment, compared: Event, facts: dict[str, Any]
) -> Folded:
    there, asked = {item.id for item in after.items}, {item.id for item in before.items if item.raised}
    proved = moment.event(
        ReconciliationProved,
        gone=tallies_of(item for item in before.items if item.raised and item.id not in there),
        left=tallies_of(item for item in after.items if item.id in asked),
        new=tallies_of(item for item in after.items if item.id not in asked),
        whole=before.whole and after.whole,
        **facts,
    )
    if after.count == 0:
        settled = moment.event(ReconciliationSettled, **_about(after, moment))
        return replace(after, status="settled", settled_at=moment.now), [compared, proved, settled]
    status: Status = "raised" if any(item.raised for item in after.items) else "open"
    return replace(after, status=status), [compared, proved]


def _raise(known: Reconciliation, moment: Moment, command: RaiseReconciliation) -> Folded:
    if known.count == 0:
        raise Refused("balanced", "两边已经对平, 没有差异可以下发: 请核对机构和期间")
    if known.status == "settled":
        raise Refused("settled", "这次对账已经办结: 需要再下发时请先重新对账")
    if known.raised_at is not None and known.items and all(item.raised for item in known.items):
        raise Refused("raised", "这些差异已经下发给医院: 请等待反馈, 或重新对账后再下发新的差异")
    note = mask(command.note)
    tallies = tuple(
        DifferenceTally(of=t.of, count=t.count, medfee=t.medfee, fund=t.fund, acct=t.acct) for t in known.tallies
    )
    raised = moment.event(ReconciliationRaised, count=known.count, tallies=tallies, note=note, **_about(known, moment))
    items = tuple(replace(item, raised=True) for item in known.items)
    after = replace(
        known, status="raised", items=items, raised_at=moment.now, raised_by=command.actor.id, note=note
    )  # fmt: skip
    return after, [raised]


def _answer(known: Reconciliation, moment: Moment, command: AnswerReconciliation) -> Folded:
    if known.status != "raised":
        raise Refused("not_raised", "这次对账没有待反馈的差异: 请等待下发, 或刷新后再看")
    answers = {a.id: a.model_copy(update={"note": mask(a.note)}) for a in command.answers}
    if unknown := answers.keys() - {item.id for item in known.items if item.raised}:
        told = f"有 {len(unknown)} 条差异不在这次对账里 (可能已重新对账): 请刷新后再反馈"
        raise Refused("unknown_difference", told)
    spent = known.spent + sum(200 + 4 * len(a.note) for a in answers.values())
    if spent > MAX_SAID:
        raise Refused("too_much", "这次对账的反馈说明太多: 请缩短说明, 细节写在工单里")
    items = tuple(_answered(item, answers, command.actor.id) for item in known.items)
    after = replace(known, items=items, spent=spent)
    facts = {"answers": tuple(answers.values()), "open": after.unanswered, **_about(known, moment)}
    return after, [moment.event(ReconciliationAnswered, **facts)]


def _answered(item: Item, answers: dict[str, Any], by: str) -> Item:
    if (answer := answers.get(item.id)) is None:
        return item
    return replace(item, verdict=answer.verdict, note=answer.note, answered_by=by)


def _settle(known: Reconciliation, moment: Moment, command: SettleReconciliation) -> Folded:
    if known.status == "settled":
        raise Refused("settled", "这次对账已经办结: 不需要再办")
    if known.unanswered:
        told = f"还有 {known.unanswered} 条差异没有反馈: 请医院反馈, 或更正后重新对账"
        raise Refused("unanswered", told)
    if any(item.verdict == "corrected" for item in known.items):
        raise Refused("unproved", "有差异反馈为已更正: 请重新对账, 证实之后再办结")
    if known.count and not command.note.strip():
        raise Refused("no_note", "还有差异时办结要写明原因: 请填写说明 (note)")
    note = mask(command.note)
    settled = moment.event(ReconciliationSettled, agreed=known.count, note=note, **_about(known, moment))
    return replace(known, status="settled", settled_at=moment.now, note=note), [settled]


def _about(known: Reconciliation, moment: Moment) -> dict[str, Any]:
    return {
        "reconciliation_id": moment.aggregate_id,
        "fixmedins_code": known.fixmedins_code,
        "period": known.period,
        "occurred_at": moment.now,
    }
