"""The one engine under all workflows: where a case begins, and where it stands after anything that happened to it.

A case's status and who owes the next step follow from its step. There is one exception: anything may be put on wait,
for anybody, without leaving its step; `status` is then `waiting` until that is over.
"""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from contracts.case import Kind
from contracts.casework import Owes
from services.intake.clean import milliseconds
from services.intake.model import Case
from services.intake.workflows.definition import Step
from services.intake.workflows.loading import load

WORKFLOWS: Final = load(Path(__file__).parent)


def start(kind: Kind) -> tuple[str, Owes]:
    """Where a new case of this kind begins, and who owes the next step."""
    step = WORKFLOWS[kind].start
    return step.id, step.owes


def step_of(case: Case) -> Step:
    """The case's step; the start where its workflow knows the step no longer."""
    flow = WORKFLOWS[case.kind]
    return flow.step(case.step) or flow.start


def follow(case: Case, now: datetime) -> Case:
    """The case with its step, and who owes the next one, as its status wants them; itself where they agree.

    Called after everything that may change the status by itself: a command that every case knows, a message.
    """
    step = step_of(case)
    if case.status == "waiting" and (step.status, step.owes) != ("waiting", case.waiting_for):
        return _on_wait(case)
    if step.id != case.step or step.status != case.status or _other(case, step):
        return place(case, _wanted(case, step), now)
    return case if case.owes == step.owes else replace(case, owes=step.owes)


def _other(case: Case, step: Step) -> bool:
    """Escalated to one who is not whom the step is with."""
    return step.status == "escalated" and case.waiting_for not in (None, step.owes)


def _on_wait(case: Case) -> Case:
    """It stays in its step, and keeps the date of the next chase; one that was resolved is no longer."""
    owes, step = case.waiting_for or "requester", step_of(case)
    if owes != case.owes:
        case = replace(case, owes=owes)
    if step.status in ("resolved", "closed"):
        case = replace(case, step=WORKFLOWS[case.kind].when.reopened)
    return case


def _wanted(case: Case, step: Step) -> Step:
    flow, on = WORKFLOWS[case.kind], WORKFLOWS[case.kind].when
    match case.status:
        case "escalated":
            target = on.escalated.vendor if case.waiting_for == "vendor" else on.escalated.province
        case "resolved":
            target = on.resolved
        case "closed":
            target = on.closed
        case "in_progress" if step.then:
            target = step.then
        case "in_progress" if step.status != "new":
            target = step.id if step.status == "in_progress" else on.reopened
        case "in_progress":
            target = on.started
        case _:
            target = flow.start.id
    return flow.step(target) or flow.start


def place(case: Case, step: Step, now: datetime) -> Case:
    """The case at `step`, with everything that follows from it."""
    paused = step.status in ("waiting", "escalated")
    return replace(
        case,
        step=step.id,
        status=step.status,
        owes=step.owes,
        waiting_for=step.owes if paused else None,
        next_chase_at=chase_at(step, now),
        chase_due_at=None,
    )


def chase_at(step: Step, now: datetime) -> datetime | None:
    """When whoever owes the step should be reminded, counted from `now`."""
    return None if step.chase_after_h is None else milliseconds(now + timedelta(hours=step.chase_after_h))
