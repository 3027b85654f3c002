"""Words for cases where the services have codes. Pure; the templates read them as `words`."""

from collections.abc import Mapping
from typing import Any, Final, get_args

from contracts.case import Category, Kind, Priority, WaitingFor
from contracts.casework import OWES_NAMES, Phase
from contracts.channel import Channel
from contracts.sla import CLOCK_NAMES

STATUS: Final = {
    "new": "新建", "in_progress": "处理中", "waiting": "等待", "escalated": "已上报", "resolved": "已解决",
    "closed": "已关闭",
}  # fmt: skip
OPEN: Final = ("new", "in_progress", "waiting", "escalated")
STATUS_COLOURS: Final = {
    "new": "azure", "in_progress": "blue", "waiting": "yellow", "escalated": "purple", "resolved": "green",
    "closed": "secondary",
}  # fmt: skip
PLAIN_STATUS: Final = {
    "new": "已受理", "in_progress": "处理中", "waiting": "处理中", "escalated": "处理中", "resolved": "请您确认",
    "closed": "已办结",
}  # fmt: skip
"""What hospitals read: where the desk stands with others is not their matter."""
CHANNELS: Final[dict[Channel, str]] = {
    "wechat": "微信", "qq": "QQ", "phone": "电话", "web": "网页", "email": "邮件", "onsite": "现场",
}  # fmt: skip
PRIORITIES: Final[dict[Priority, str]] = {"urgent": "紧急", "high": "高", "normal": "普通", "low": "低"}
PRIORITY_COLOURS: Final = {"urgent": "red", "high": "orange", "normal": "secondary", "low": "secondary"}
KINDS: Final[dict[Kind, str]] = {
    "consultation": "咨询", "fault": "故障", "escalation": "上报", "change_request": "需求变更",
    "configuration": "参数配置", "data_request": "数据需求", "reconciliation": "对账", "settlement_list": "结算清单",
    "training": "培训",
}  # fmt: skip
WAITING: Final[dict[WaitingFor, str]] = {
    "requester": "来询人", "institution": "医药机构", "province": "省平台", "vendor": "厂商",
}  # fmt: skip
PHASES: Final[dict[Phase, str]] = {"planned": "已约定", "departed": "已出发", "arrived": "已到达", "left": "已离开"}
OUTCOMES: Final = {"sent": "已送达渠道", "read": "对方已读", "refused": "渠道不接受", "failed": "未送达"}
VIA: Final = {"channel": "", "phone": "电话答复", "onsite": "现场答复", "group": "群内答复"}
ACTORS: Final = {"requester": "来询人", "staff": "经办", "system": "系统"}
CLOCK_STATES: Final = {"running": "计时中", "paused": "暂停", "met": "已完成", "stopped": "已停止"}
CATEGORIES: Final = get_args(Category)
EVENTS: Final = {
    "case.opened": "建立工单", "case.message_added": "补充消息", "case.message_repeated": "重复消息",
    "case.assigned": "分派", "case.responded": "答复", "case.waiting": "转等待", "case.resumed": "恢复处理",
    "case.escalated": "上报", "case.resolved": "解决", "case.closed": "关闭", "case.reopened": "重新打开",
    "case.stepped": "流程推进", "case.kind_set": "改类型", "case.categorised": "改类别", "case.chased": "催办",
    "case.chase_due": "该催办了", "case.noted": "内部备注", "case.visited": "现场服务",
    "case.messages_moved": "消息移出",
    "case.messages_received": "消息移入", "case.reply_reported": "渠道回执", "case.window_closing": "回复窗口将关闭",
    "case.revealed": "查看原文", "case.joined_outage": "归入群体故障", "case.identified": "认出来询人",
}  # fmt: skip
CLOCK_EVENTS: Final = {
    "sla.started": "开始计时", "sla.warned": "预警", "sla.breached": "超时", "sla.escalated": "超时升级",
    "sla.rebound": "时限调整", "sla.acknowledged": "已知悉", "sla.met": "完成", "sla.paused": "暂停",
    "sla.resumed": "恢复", "sla.stopped": "停止",
}  # fmt: skip
_TELLING: Final = ("text", "reason", "resolution", "note", "external_number", "place", "outage_number")
_PEOPLE: Final = ("assignee", "engineer")


def event(type_: str) -> str:
    """The name of an event; a later version may have others."""
    return "发送答复" if type_.startswith("channel.out.") else EVENTS.get(type_, type_)


def plain(case: Mapping[str, Any]) -> tuple[str, str]:
    """How far it is, as the hospital reads it, and in which colour: orange where it is the hospital's turn."""
    status = case["status"]
    if case["owes"] == "requester" and status in OPEN:
        return "等您补充", "orange"
    return PLAIN_STATUS[status], "orange" if status == "resolved" else STATUS_COLOURS[status]


def details(said: Mapping[str, Any], staff: Mapping[str, str]) -> str:
    """What an event says that is worth a line on the timeline; `staff` are names by account."""
    words = [str(said[key]) for key in _TELLING if said.get(key)]
    for key, names in _NAMED.items():
        if said.get(key):
            words.insert(0, names.get(said[key], str(said[key])))
    words = [*(staff.get(said[key], str(said[key])) for key in _PEOPLE if said.get(key)), *words]
    return "; ".join(words)


_NAMED: Final[Mapping[str, Mapping[Any, str]]] = {
    "category": {}, "kind": KINDS, "outcome": OUTCOMES, "phase": PHASES,
    "waiting_for": WAITING, "step_name": {}, "to": {"province": "省平台", "vendor": "厂商"},
}  # fmt: skip


def actor(who: Mapping[str, Any], staff: Mapping[str, str]) -> str:
    """Whoever did it, by name where one is known."""
    id_ = str(who.get("id", ""))
    name = str(who.get("name") or (staff.get(id_, id_) if who["kind"] == "staff" else id_))
    return "系统" if who["kind"] == "system" else f"{ACTORS.get(who['kind'], who['kind'])} {name}".strip()


WORDS: Final = {
    "status": STATUS, "status_colours": STATUS_COLOURS, "plain": PLAIN_STATUS, "channels": CHANNELS,
    "priorities": PRIORITIES, "priority_colours": PRIORITY_COLOURS, "kinds": KINDS, "waiting": WAITING,
    "phases": PHASES, "owes": OWES_NAMES, "clocks": CLOCK_NAMES, "clock_states": CLOCK_STATES,
    "categories": CATEGORIES,
    "category_pairs": [(one, one) for one in CATEGORIES], "outcomes": OUTCOMES, "via": VIA,
}  # fmt: skip
