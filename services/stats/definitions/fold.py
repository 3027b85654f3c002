"""The pure core of definitions: draft → confirmed by the department → approved by an analyst → in force → retired.

Three different people: whoever drafts neither confirms nor approves, and whoever confirms does not approve.
"""

from collections.abc import Sequence
from typing import Any

from msgspec.structs import replace

from chassis.errors import NotFound, Refused
from chassis.message import Moment
from contracts.definition import (
    ApproveDefinition,
    ConfirmDefinition,
    DefinitionApproved,
    DefinitionConfirmed,
    DefinitionDrafted,
    DefinitionEnforced,
    DefinitionEvent,
    DefinitionRetired,
    DefinitionReturned,
    DraftDefinition,
    EnforceDefinition,
    RetireDefinition,
    ReturnDefinition,
    VersionCommand,
)
from contracts.envelope import Event
from services.stats.definitions.definition import UNREADABLE, read
from services.stats.definitions.model import STATUS_NAMES, Agreement, Status, Step, Version

Folded = tuple[Agreement, Sequence[Event]]
MOST_VERSIONS, MOST_BYTES = 100, 4_000_000
"""Of one report: all of them, and what was said of them, are one document."""
RESERVED = ("reconciliation",)
"""What runs of another kind are asked for by."""
_MOVES: dict[type[VersionCommand], tuple[tuple[Status, ...], Status, type[DefinitionEvent]]] = {
    ConfirmDefinition: (("draft",), "confirmed", DefinitionConfirmed),
    ApproveDefinition: (("confirmed",), "approved", DefinitionApproved),
    ReturnDefinition: (("confirmed", "approved"), "draft", DefinitionReturned),
    EnforceDefinition: (("approved",), "in_force", DefinitionEnforced),
    RetireDefinition: (("draft", "confirmed", "approved", "in_force"), "retired", DefinitionRetired),
}


def fold(agreement: Agreement | None, moment: Moment) -> Folded:
    """Raises Refused for a step out of turn or by the wrong person, NotFound for a version that is not there."""
    known = agreement or Agreement()
    match moment.message.body:
        case DraftDefinition() as command:
            return _draft(known, moment, command)
        case VersionCommand() as command:
            return _move(known, moment, command)
    raise Refused("unknown_command", f"不认识的命令 {moment.message.body}")


def _draft(known: Agreement, moment: Moment, command: DraftDefinition) -> Folded:
    try:
        definition = read(command.source, command.sql)
    except UNREADABLE as error:
        raise Refused("bad_definition", f"口径的 YAML 写法不对: {str(error)[:300]}") from None
    if definition.id != command.report:
        raise Refused("other_report", f"口径中的 id 是 {definition.id}, 不是 {command.report}: 请核对")
    if definition.id in RESERVED:
        raise Refused("reserved", f"{definition.id} 是系统保留的名称: 请换一个 id")
    if known.version(definition.hash) is not None:
        raise Refused("exists", "这个版本的口径已经存在, 没有任何改动: 请修改后再提交")
    if len(known.versions) >= MOST_VERSIONS:
        raise Refused("too_many", f"一张报表最多保留 {MOST_VERSIONS} 个版本: 请新建报表")
    if sum(_size(v.source, v.sql) for v in known.versions) + _size(command.source, command.sql) > MOST_BYTES:
        raise Refused("too_many", f"一张报表的各个版本合计不能超过 {MOST_BYTES // 1_000_000} MB: 请新建报表")
    by = command.actor.id
    step = Step(moment.now, by, "起草", command.note)
    made = Version(definition.hash, definition.title, command.source, command.sql, "draft", by, steps=(step,))
    event = moment.event(
        DefinitionDrafted, report=command.report, hash=made.hash, title=made.title, note=command.note,
        source=command.source, sql=command.sql, occurred_at=moment.now,
    )  # fmt: skip
    return Agreement(command.report, (*known.versions, made)), [event]


def _size(*texts: str) -> int:
    return sum(len(text.encode()) for text in texts)


def _move(known: Agreement, moment: Moment, command: VersionCommand) -> Folded:
    if (version := known.version(command.hash)) is None:
        raise NotFound("not_found", "没有这个版本的口径: 请用 GET /definitions 查看")
    allowed, to, event = _MOVES[type(command)]
    if version.status not in allowed:
        names = "、".join(STATUS_NAMES[s] for s in allowed)
        raise Refused("out_of_turn", f"这个版本现在是“{STATUS_NAMES[version.status]}”, 只有“{names}”的版本可以这样操作")
    _check_person(version, command)
    note: str = getattr(command, "note", "")
    moved = _moved(version, moment, command, to, note)
    facts: dict[str, Any] = {"report": known.report, "hash": version.hash, "title": version.title, "note": note}
    before = known.in_force
    if isinstance(command, EnforceDefinition):
        facts["before"] = before.hash if before else ""
    if isinstance(command, ConfirmDefinition):
        facts["department"] = command.department
    said = [moment.event(event, occurred_at=moment.now, **facts)]
    versions = tuple(_beside(v, moved, before, moment) for v in known.versions)
    return replace(known, versions=versions), said


def _moved(version: Version, moment: Moment, command: VersionCommand, to: Status, note: str) -> Version:
    by = command.actor.id
    moved = replace(version, status=to, steps=(*version.steps, Step(moment.now, by, STATUS_NAMES[to], note)))
    match command:
        case ConfirmDefinition():
            return replace(moved, department=command.department, confirmed_by=by)
        case ApproveDefinition():
            return replace(moved, approved_by=by)
        case ReturnDefinition():
            steps = (*version.steps, Step(moment.now, by, "退回", note))
            return replace(moved, department="", confirmed_by="", approved_by="", steps=steps)
    return moved


def _beside(version: Version, moved: Version, before: Version | None, moment: Moment) -> Version:
    """The moved one in its place; what was in force until now is retired by what takes its place."""
    if version.hash == moved.hash:
        return moved
    if moved.status == "in_force" and before is not None and version.hash == before.hash:
        step = Step(moment.now, moment.message.actor.id, "停用", "由新版本取代")
        return replace(version, status="retired", steps=(*version.steps, step))
    return version


def _check_person(version: Version, command: VersionCommand) -> None:
    by = command.actor.id
    if isinstance(command, ConfirmDefinition | ApproveDefinition) and by == version.drafted_by:
        raise Refused("own_draft", "起草人不能确认或审批自己的口径: 请由另一位同事操作")
    if isinstance(command, ApproveDefinition) and by == version.confirmed_by:
        raise Refused("own_confirmation", "确认人不能再审批: 请由高级分析师操作")
