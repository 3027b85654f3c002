"""The pure core of settings: one setting, one command, one moment."""

import re
from collections import Counter
from collections.abc import Sequence

from msgspec.structs import replace

from chassis.errors import NotFound, Refused, Stale
from chassis.message import Moment
from chassis.personal.masking import mask
from contracts.envelope import Event
from contracts.setting import Recipient, RemoveSetting, SaveSetting, SettingRemoved, SettingSaved, Silence
from services.notify.preferences.model import Body, Setting

_ROLES = ("resident", "remote", "assignee", "requester", "targets", "experts", "institution", "contract", "inbox")
"""Words of rules that stand for whoever it is at the moment: no group can have such a name."""
_ONE = re.compile(r"(?:staff|contact|institution):[^\s:]+")

Folded = tuple[Setting, Sequence[Event]]


def fold(setting: Setting | None, moment: Moment) -> Folded:
    """Raises Refused when somebody was faster or it contradicts itself, NotFound when there is no such setting."""
    match moment.message.body:
        case SaveSetting() as save:
            return _save(setting, moment, save)
        case RemoveSetting() as remove:
            return _remove(setting, moment, remove)
    raise Refused("unknown_command", f"不认识的命令 {moment.message.body}")


def problem_of(body: Body) -> str:
    """What is wrong with a setting that its fields alone do not show; empty when nothing is."""
    if isinstance(body, Recipient):
        if body.key in _ROLES or (":" in body.key and not _ONE.fullmatch(body.key)):
            return f"收件人编号 {body.key} 不可用: 应为 staff:<工号>、contact:<编号>、institution:<机构编码> 或群组名称"
        twice = [p for p, n in Counter(e.provider for e in body.endpoints).items() if n > 1]
        if twice:
            return f"发送服务 {', '.join(twice)} 登记了不止一个地址: 每个发送服务只能留一个"
        if any(mask(text) != text for text in (body.key, body.name, *(e.shown for e in body.endpoints))):
            return "编号、名称里有电话或证件号: 号码请填在地址 (endpoints 的 address) 一栏, 其余请删去"
    if isinstance(body, Silence) and any(mask(text) != text for text in (body.id, body.reason)):
        return "静默的原因里有电话或证件号: 请删去, 只写明在做什么维护"
    return ""


def _save(setting: Setting | None, moment: Moment, command: SaveSetting) -> Folded:
    if (named := command.named) is None:
        raise Refused("one_of_four", "设置应当是规则、收件人、静默、模板四者之一: 请只填写其中一项")
    _check_version(setting, moment, command.expected_version)
    kind, key, body = named
    if problem := problem_of(body):
        raise Refused("not_consistent", problem)
    saved = moment.event(SettingSaved, kind=kind, key=key, occurred_at=moment.now, **{kind: body})
    return Setting(kind, key, body.model_dump(mode="json"), moment.now, command.actor.id), [saved]


def _remove(setting: Setting | None, moment: Moment, command: RemoveSetting) -> Folded:
    if setting is None or setting.removed:
        raise NotFound("not_found", f"没有设置 {command.key}: 请刷新后核对名称")
    _check_version(setting, moment, command.expected_version)
    facts = {"kind": setting.kind, "key": setting.key, "reason": mask(command.reason.strip())}
    removed = moment.event(SettingRemoved, occurred_at=moment.now, **facts)
    # The addresses of somebody who is no longer there are not kept.
    return replace(setting, facts={}, removed=True, saved_at=moment.now, saved_by=command.actor.id), [removed]


def _check_version(setting: Setting | None, moment: Moment, expected: int | None) -> None:
    present = moment.version if setting is not None and not setting.removed else 0
    if expected not in (None, present):
        raise Stale("设置", present)
