"""Steps and kinds: what staff do with a case along its workflow.

A step into a status that the rest of the desk knows is said with the very events of the command for it, because
clocks, alerts and articles hear only those.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from msgspec.structs import replace

from chassis.errors import Refused
from chassis.message import Moment
from chassis.personal.masking import mask
from contracts.case import (
    CaseCommand,
    CloseCase,
    EscalateCase,
    PutCaseOnWait,
    ReopenCase,
    ResolveCase,
)
from contracts.casework import (
    CaseKindSet,
    CaseResumed,
    CaseStepped,
    SetCaseKind,
    StepCase,
)
from contracts.envelope import Command, Event, derive_id
from contracts.stats import RequestRun
from services.intake import desk
from services.intake.desk import Handler, about
from services.intake.model import Case
from services.intake.opening import Folded
from services.intake.workflows import chase, engine, moves
from services.intake.workflows.definition import Step, Transition


def _step(case: Case, moment: Moment, command: StepCase) -> Folded:
    before = case = engine.follow(case, moment.now)  # it may be older than its workflow
    transition, to, fields = moves.choose(case, command.transition, command.fields)
    said: list[Event | Command] = []
    if asked := SAYS.get(transition.says):
        words, more = asked(moment, command.fields)
        said, fields = [words], {**fields, **more}
    case = replace(case, fields={**case.fields, **fields})
    if number := fields.get("external_number"):
        case = replace(case, external_number=number)
    reason = mask(command.reason)
    also: Sequence[Event | Command] = []
    if transition.to:
        case, also = _as_known(case, moment, command, to, fields, reason or _words(transition, fields))
    stepped = moment.event(
        CaseStepped,
        kind=case.kind,
        transition=transition.name,
        label=transition.label,
        from_step=before.step,
        to_step=to.id,
        step_name=to.name,
        owes=to.owes if transition.to else case.owes,
        fields=fields,
        reason=reason,
        **about(case, moment),
    )
    return engine.place(case, to, moment.now) if transition.to else case, [*said, *also, stepped]


def _words(transition: Transition, fields: Mapping[str, str]) -> str:
    """Why, where staff gave no reason: what they filled in first, else what they did."""
    return next((fields[f.field] for f in transition.requires if f.field in fields), transition.label)


def _as_known(
    case: Case, moment: Moment, command: StepCase, to: Step, fields: Mapping[str, str], reason: str
) -> Folded:
    """The step as the command that every case knows, where it is one."""
    if (to.status, to.owes) == (case.status, case.waiting_for or to.owes):
        return case, []
    match to.status:
        case "waiting":
            return _say(case, moment, command, PutCaseOnWait, waiting_for=to.owes, reason=reason)
        case "escalated":
            return _say(
                case, moment, command, EscalateCase, to=to.owes, reason=reason, external_number=case.external_number
            )
        case "resolved":
            return _say(case, moment, command, ResolveCase, resolution=command.fields["resolution"])
        case "closed":
            return _say(case, moment, command, CloseCase, reason=reason)
    if case.status == "resolved":
        return _say(case, moment, command, ReopenCase, reason=reason)
    if case.status in ("waiting", "escalated"):
        waited_for = case.waiting_for or case.owes
        return case, [moment.event(CaseResumed, waited_for=waited_for, reason=reason, **about(case, moment))]
    return case, []


def _say(case: Case, moment: Moment, command: StepCase, model: type[CaseCommand], **facts: Any) -> Folded:
    """As if staff had given that command at this moment."""
    same = {"id": command.id, "occurred_at": command.occurred_at, "actor": command.actor, "case_id": command.case_id}
    return desk.HANDLERS[model](case, moment, model.model_validate({**same, **facts}))


def _request_run(moment: Moment, fields: Mapping[str, str]) -> tuple[Command, dict[str, str]]:
    """A report run for this case; its id is kept, so that the result can be found at stats."""
    run = derive_id("run", moment.aggregate_id, moment.message.cause_id)
    report, upload = fields["report"].strip(), fields["upload_id"].strip()
    return moment.command(RequestRun, run_id=run, report=report, upload_id=upload), {"run_id": str(run)}


SAYS: Final[dict[str, Callable[[Moment, Mapping[str, str]], tuple[Command, dict[str, str]]]]] = {
    "stats_run": _request_run
}


def _set_kind(case: Case, moment: Moment, command: SetCaseKind) -> Folded:
    if case.status == "resolved":
        raise Refused("resolved", "工单已解决: 如需更改类型请先重新打开")
    if case.kind == command.kind:
        raise Refused("same_kind", f"工单已是「{engine.WORKFLOWS[case.kind].name}」: 无需更改")
    before, start = case.kind, engine.start(command.kind)[0]
    case = engine.follow(replace(case, kind=command.kind, step=start), moment.now)
    reason = mask(command.reason)
    kind_set = moment.event(
        CaseKindSet, kind=case.kind, before=before, step=case.step, reason=reason, **about(case, moment)
    )
    return case, [kind_set]


HANDLERS: dict[type[CaseCommand], Handler] = {
    StepCase: _step,
    SetCaseKind: _set_kind,
    **chase.HANDLERS,
}
