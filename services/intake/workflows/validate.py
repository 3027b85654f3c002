"""What must be true of a workflow before any case follows it."""

import re
from collections import Counter
from collections.abc import Iterator

from services.intake.workflows.definition import FieldSpec, Transition, Workflow
from services.intake.workflows.guards import GUARDS, SAYS

_OWES = {
    "new": {"desk"},
    "in_progress": {"desk"},
    "waiting": {"requester", "institution", "province", "vendor"},
    "escalated": {"province", "vendor"},
    "resolved": {"requester"},
    "closed": {"nobody"},
}
_PAUSED = ("waiting", "escalated")
_IDENTIFIER = re.compile(r"[a-z][a-z0-9_]*")


def faults_of(flow: Workflow) -> list[str]:
    """Everything that is wrong with a workflow; what depends on names is looked at once the names are right."""
    if not flow.steps:
        return ["没有步骤"]
    names = [*_twice("步骤", [s.id for s in flow.steps]), *_twice("操作", [t.name for t in flow.transitions])]
    if wrong := names + list(_unknown(flow)):
        return wrong
    return [*_steps(flow), *_targets(flow), *_shape(flow), *(f for t in flow.transitions for f in _asked(t))]


def _twice(what: str, names: list[str]) -> Iterator[str]:
    yield from (f"{what} {name} 重复" for name, n in Counter(names).items() if n > 1)
    yield from (f"{what}名 {name!r} 只能用小写字母、数字和下划线" for name in names if not _IDENTIFIER.fullmatch(name))


def _unknown(flow: Workflow) -> Iterator[str]:
    used = {f"操作 {t.name}": (*t.sources, *filter(None, [t.to])) for t in flow.transitions}
    used |= {f"步骤 {s.id} 的 then": (s.then,) for s in flow.steps if s.then}
    used["when"] = _when(flow)
    known = {s.id for s in flow.steps}
    yield from (
        f"{where} 指向未定义的步骤 {step!r}" for where, steps in used.items() for step in steps if step not in known
    )


def _when(flow: Workflow) -> tuple[str, ...]:
    on = flow.when
    return (on.started, on.escalated.province, on.escalated.vendor, on.resolved, on.closed, on.reopened)


def _steps(flow: Workflow) -> Iterator[str]:
    for step in flow.steps:
        if (step.status == "new") != (step is flow.start):
            yield f"步骤 {step.id}: 第一步的 status 必须是 new, 其他步骤不能是"
        if step.owes not in _OWES[step.status]:
            yield f"步骤 {step.id}: status 为 {step.status} 时 owes 不能是 {step.owes}"
        if bool(step.then) != (step.status in _PAUSED):
            yield f"步骤 {step.id}: status 为 waiting 或 escalated 时必须写 then, 其他时候不能写"
        if step.chase_after_h is not None and (step.status not in _PAUSED or step.chase_after_h <= 0):
            yield f"步骤 {step.id}: chase_after_h 应大于 0, 且只用于等待或上报的步骤"


def _targets(flow: Workflow) -> Iterator[str]:
    status = {s.id: (s.status, s.owes) for s in flow.steps}
    wanted = zip(
        _when(flow),
        ("started", "escalated.province", "escalated.vendor", "resolved", "closed", "reopened"),
        (("in_progress", "desk"), ("escalated", "province"), ("escalated", "vendor"), ("resolved", "requester"),
         ("closed", "nobody"), ("in_progress", "desk")),
        strict=True,
    )  # fmt: skip
    yield from (
        f"when.{name}: 步骤 {step} 应为 {want[0]} ({want[1]})" for step, name, want in wanted if status[step] != want
    )
    yield from (
        f"步骤 {s.id} 的 then: 步骤 {s.then} 应为 in_progress"
        for s in flow.steps if s.then and status[s.then][0] != "in_progress"
    )  # fmt: skip


def _shape(flow: Workflow) -> Iterator[str]:
    moving = [t for t in flow.transitions if t.to]
    left = {source for t in moving for source in t.sources}
    reached = {flow.start.id, *_when(flow), *(s.then for s in flow.steps)}
    for _ in flow.steps:
        reached |= {t.to for t in moving if reached & set(t.sources)}
    status: dict[str, str] = {s.id: s.status for s in flow.steps}
    yield from (f"步骤 {s.id} 无法到达" for s in flow.steps if s.id not in reached)
    yield from (
        f"步骤 {s.id} 是死路: 没有离开它的操作" for s in flow.steps if s.status != "closed" and s.id not in left
    )
    yield from (fault for t in moving for fault in _move(t, status))


def _move(t: Transition, status: dict[str, str]) -> Iterator[str]:
    yield from (f"操作 {t.name}: 已关闭的步骤 {s} 不能离开" for s in t.sources if status[s] == "closed")
    if status[t.to] == "new":
        yield f"操作 {t.name}: 不能回到第一步"
    if status[t.to] == "resolved" and "resolution" not in {f.field for f in t.requires}:
        yield f"操作 {t.name}: 进入已解决的步骤必须要求填写 resolution"
    if status[t.to] in _PAUSED and any(status[s] == "resolved" for s in t.sources):
        yield f"操作 {t.name}: 已解决的工单要先恢复处理"


def _asked(transition: Transition) -> Iterator[str]:
    where = f"操作 {transition.name}"
    yield from _twice(f"{where} 的字段", [f.field for f in transition.fields])
    yield from (f"{where}: 条件 {g} 不存在" for g in transition.guards if g not in GUARDS)
    if transition.says and not (needs := SAYS.get(transition.says)):
        yield f"{where}: says {transition.says} 不存在"
    elif transition.says and (absent := set(needs or ()) - {f.field for f in transition.requires}):
        yield f"{where}: says {transition.says} 需要字段 {', '.join(sorted(absent))}"
    if not transition.sources:
        yield f"{where}: from 为空"
    if not transition.to and not transition.fields:
        yield f"{where}: 没有 to 的操作只登记事项, 必须有字段"
    yield from (fault for f in transition.fields for fault in _field(where, f))


def _field(where: str, spec: FieldSpec) -> Iterator[str]:
    try:
        re.compile(spec.pattern)
    except re.error as error:
        yield f"{where} 的字段 {spec.field}: pattern 不是正则表达式 ({error})"
    if not spec.label.strip():
        yield f"{where} 的字段 {spec.field}: 缺少 label"
    if spec.type != "text" and (spec.choices or spec.pattern):
        yield f"{where} 的字段 {spec.field}: choices 和 pattern 只用于文字"
