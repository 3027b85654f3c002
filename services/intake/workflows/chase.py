"""Chasing whoever owes the next step (催办): each time is counted, and the next one has a date."""

from datetime import datetime

from msgspec.structs import replace

from chassis.errors import Refused
from chassis.message import Moment
from chassis.personal.masking import mask
from contracts.case import CaseCommand
from contracts.casework import CaseChased, CaseChaseDue, ChaseCase, RemindToChase
from services.intake.clean import milliseconds
from services.intake.desk import Handler, about
from services.intake.model import Case
from services.intake.opening import Folded
from services.intake.workflows import engine


def _chase(case: Case, moment: Moment, command: ChaseCase) -> Folded:
    if case.status not in ("waiting", "escalated"):
        raise Refused("nothing_to_chase", "下一步由服务台负责, 没有可催办的对象: 请先上报或转为等待")
    next_at = milliseconds(command.next_at) if command.next_at else _again(case, moment.now)
    if next_at is not None and next_at <= moment.now:
        raise Refused("past", "下次催办时间已过: 请填写将来的时间")
    times = case.chases + 1
    chased = moment.event(CaseChased, note=mask(command.note), times=times, next_at=next_at, **about(case, moment))
    return replace(case, chases=times, next_chase_at=next_at, chase_due_at=None), [chased]


def _again(case: Case, now: datetime) -> datetime | None:
    step = engine.step_of(case)
    return engine.chase_at(step, now) if step.owes == case.owes else None


def _remind(case: Case, moment: Moment, command: RemindToChase) -> Folded:
    """Once: somebody may have chased, or the answer may have come, since this was asked for."""
    if case.next_chase_at != command.due_at:
        raise Refused("not_due", "催办时间已变: 无需提醒")
    facts = {"owes": case.owes, "times": case.chases, "assignee": case.assignee}
    due = moment.event(
        CaseChaseDue, due_at=command.due_at, external_number=case.external_number, **facts, **about(case, moment)
    )
    return replace(case, next_chase_at=None, chase_due_at=command.due_at), [due]


HANDLERS: dict[type[CaseCommand], Handler] = {ChaseCase: _chase, RemindToChase: _remind}
