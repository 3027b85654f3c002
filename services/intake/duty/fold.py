"""The pure core of duty: one shift or one handover, one command, one moment."""

from collections.abc import Sequence

from msgspec.structs import replace

from chassis.errors import NotFound, Refused
from chassis.message import Moment
from chassis.personal.masking import mask
from contracts.case import AssignCase
from contracts.duty import DutyHandedOver, DutyRemoved, DutySaved, HandOver, RemoveShift, SaveShift, Shift
from contracts.envelope import Command, Event
from services.intake.duty.model import Handed, Item, Record, Shifted

Folded = tuple[Record, Sequence[Event | Command]]
LONGEST_DUTY_H = 24


def fold(record: Record | None, moment: Moment) -> Folded:
    """Raises Refused for times that cannot be, NotFound when there is no such shift."""
    match moment.message.body:
        case SaveShift() as save:
            return _save(moment, save.shift)
        case RemoveShift() as remove:
            return _remove(record, moment, remove)
        case HandOver() as hand_over:
            return _hand_over(moment, hand_over)
    raise Refused("unknown_command", f"不认识的命令 {moment.message.body}")


def problem_of(shift: Shift) -> str:
    """Why this cannot be a shift; empty when it can."""
    if shift.ends <= shift.begins:
        return "班次的结束时间不晚于开始时间: 跨零点的班次请把结束时间写到次日"
    if shift.kind != "leave" and (shift.ends - shift.begins).total_seconds() > LONGEST_DUTY_H * 3600:
        return f"班次长于 {LONGEST_DUTY_H} 小时: 请分成几个班次, 请假除外"
    return ""


def _save(moment: Moment, shift: Shift) -> Folded:
    if problem := problem_of(shift):
        raise Refused("times", problem)
    shift = shift.model_copy(update={"note": mask(shift.note)})
    saved = moment.event(DutySaved, shift=shift, occurred_at=moment.now)
    return Record(shift=Shifted(**dict(shift))), [saved]


def _remove(record: Record | None, moment: Moment, command: RemoveShift) -> Folded:
    if record is None or record.removed:
        raise NotFound("not_found", f"没有班次 {command.shift_id}: 请刷新班表")
    facts = {"shift_id": command.shift_id, "reason": mask(command.reason)}
    return replace(record, removed=True), [moment.event(DutyRemoved, occurred_at=moment.now, **facts)]


def _hand_over(moment: Moment, command: HandOver) -> Folded:
    """The record of the handover, and every case to its new engineer, in one breath."""
    giver, taker = command.from_engineer, command.to_engineer
    if giver == taker:
        raise Refused("same", "交班人与接班人相同: 请选择另一位接班人")
    items = tuple(i.model_copy(update={"title": mask(i.title), "note": mask(i.note)}) for i in command.items)
    note = mask(command.note)
    facts = {"from_engineer": giver, "to_engineer": taker, "note": note, "items": items}
    said: list[Event | Command] = [moment.event(DutyHandedOver, occurred_at=moment.now, **facts)]
    for item in items:
        reason = f"交接班 (由 {giver} 交出): {item.note or note}"[:500]
        said.append(moment.command(AssignCase, case_id=item.case_id, assignee=taker, reason=reason))
    kept = tuple(Item(**dict(item)) for item in items)
    return Record(handover=Handed(moment.now, giver, taker, note, kept)), said
