"""Words for staff where the contracts have codes: states, channels, kinds, events."""

from typing import Any, Final

Json = dict[str, Any]

STATUS: Final = {
    "new": "新建", "in_progress": "处理中", "waiting": "等待", "escalated": "已上报", "resolved": "已解决",
    "closed": "已关闭",
}  # fmt: skip
CHANNEL: Final = {
    "wechat": "微信", "qq": "QQ", "phone": "电话", "web": "网页", "email": "邮件", "onsite": "现场",
}  # fmt: skip
PRIORITY: Final = {"urgent": "紧急", "high": "高", "normal": "普通", "low": "低"}
KIND: Final = {
    "consultation": "咨询", "fault": "故障", "escalation": "上报", "change_request": "需求变更",
    "configuration": "参数配置", "data_request": "数据需求", "reconciliation": "对账", "settlement_list": "结算清单",
    "training": "培训",
}  # fmt: skip
EVENT: Final = {
    "case.opened": "建立工单", "case.message_added": "补充消息", "case.message_repeated": "重复消息",
    "case.assigned": "分派", "case.responded": "答复", "case.waiting": "等待", "case.escalated": "上报",
    "case.resolved": "解决", "case.closed": "关闭", "case.reopened": "重新打开", "case.stepped": "流程推进",
    "case.kind_set": "更改类型", "case.categorised": "重新分类", "case.chased": "催办", "case.noted": "内部备注",
    "case.visited": "现场服务", "case.messages_moved": "消息移出", "case.messages_received": "消息移入",
    "case.reply_reported": "回执", "case.window_closing": "回复窗口将关闭", "case.revealed": "查看原文",
    "case.joined_outage": "归入群体故障",
}  # fmt: skip
OUTCOME: Final = {"sent": "已发出", "read": "已读", "refused": "渠道不接受", "failed": "未发出"}
_ACTORS: Final = {"requester": "来询人", "staff": "经办", "system": "系统"}
_TELLING: Final = ("text", "reason", "resolution", "note", "assignee", "category", "kind", "outage_number",
                   "external_number", "to_step", "engineer", "place", "outcome")  # fmt: skip


def event(type_: str) -> str:
    """The name of an event; replies have one type per channel, and later versions may have others."""
    return "发送答复" if type_.startswith("channel.out.") else EVENT.get(type_, type_)


def actor(who: Json) -> str:
    name = who.get("name") or who["id"]
    return name if who["kind"] == "system" else f"{_ACTORS.get(who['kind'], who['kind'])} {name}"


def details(said: Json) -> str:
    """What an event says that is worth a line."""
    told = (said.get(key) for key in _TELLING)
    words = [KIND.get(word, OUTCOME.get(word, word)) for word in told if isinstance(word, str) and word]
    return "; ".join(words)
