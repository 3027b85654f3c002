"""Which moves a case has now, what each asks for, and the one that staff have chosen."""

from collections.abc import Mapping

import msgspec

from chassis.errors import Refused
from chassis.personal.masking import mask
from contracts.casework import Owes
from services.intake.model import Case
from services.intake.workflows.definition import FieldSpec, Step, Transition, Workflow
from services.intake.workflows.engine import WORKFLOWS, step_of
from services.intake.workflows.guards import unmet


class Move(msgspec.Struct, frozen=True):
    """Something that can be done with a case now: `blocked` says what has to be done before it."""

    name: str
    label: str
    to: str
    to_name: str
    status: str
    owes: Owes
    requires: tuple[FieldSpec, ...]
    optional: tuple[FieldSpec, ...]
    blocked: tuple[str, ...]


def moves(case: Case) -> list[Move]:
    """What can be done now, in the order of the workflow."""
    flow = WORKFLOWS[case.kind]
    return [_move(case, flow, t) for t in flow.transitions if step_of(case).id in t.sources]


def _move(case: Case, flow: Workflow, t: Transition) -> Move:
    to = _target(case, flow, t)
    blocked = tuple(unmet(case, t.guards))
    return Move(t.name, t.label, to.id, to.name, to.status, to.owes, t.requires, t.optional, blocked)


def _target(case: Case, flow: Workflow, t: Transition) -> Step:
    step = flow.step(t.target(step_of(case).id))
    assert step is not None
    return step


def choose(case: Case, name: str, fields: Mapping[str, str]) -> tuple[Transition, Step, dict[str, str]]:
    """The transition, its target and its masked fields. Raises Refused with what is possible and what is missing."""
    flow = WORKFLOWS[case.kind]
    transition = flow.transition(name)
    if transition is None or step_of(case).id not in transition.sources:
        what = f"「{transition.label}」" if transition else f"操作 {name}"
        raise Refused("illegal_step", f"工单在「{flow.name} · {step_of(case).name}」, 不能做{what}: {possible(case)}")
    given = {key: value.strip() for key, value in fields.items() if value.strip()}
    if faults := [*unmet(case, transition.guards), *_missing(transition, given), *_wrong(transition, given)]:
        raise Refused("incomplete_step", f"不能做「{transition.label}」: {'; '.join(faults)}")
    to = _target(case, flow, transition)
    return transition, to, {key: mask(value) for key, value in given.items()}


def possible(case: Case) -> str:
    """The moves that are open, and what each asks for, as a sentence."""
    said = [f"{m.label} ({m.name}{_needs(m.requires)})" for m in moves(case)]
    return f"现在可以 {'、'.join(said)}" if said else "流程已结束, 请先重新打开"


def _needs(requires: tuple[FieldSpec, ...]) -> str:
    return f", 需填写 {' '.join(_name(f) for f in requires)}" if requires else ""


def _name(spec: FieldSpec) -> str:
    return f"{spec.label}[{spec.field}]"


def _missing(transition: Transition, given: Mapping[str, str]) -> list[str]:
    absent = [_name(f) for f in transition.requires if f.field not in given]
    return [f"缺少 {'、'.join(absent)}, 请补填"] if absent else []


def _wrong(transition: Transition, given: Mapping[str, str]) -> list[str]:
    known = {f.field: f for f in transition.fields}
    faults = {key: known[key].fault(value) if key in known else "没有这个字段, 请去掉" for key, value in given.items()}
    return [f"{_name(known[key]) if key in known else key} {fault}" for key, fault in faults.items() if fault]
