"""Words for what the administration's settings and measures have codes. Pure; the templates read them as `words`."""

import re
from typing import Any, Final

from contracts.notify import URGENCY_NAMES
from contracts.sla import TARGET_NAMES
from services.console.pages.cases.words import CHANNELS, CLOCK_EVENTS, EVENTS, KINDS, OUTCOMES, PRIORITIES

DELIVERIES: Final = {
    "sent": "已发出", "refused": "被拒绝", "unavailable": "发不出, 将重试", "unsure": "不确定是否送达",
    "dropped": "无需再发",
}  # fmt: skip
"""What became of an attempt by a provider."""
_AUDIENCES: Final[dict[str, str]] = {
    "desk": "服务台", "requester": "提交人", "owner": "负责人", "targets": "时限约定的人", "experts": "该类别的专家",
    "institution": "该机构", "contract": "合同的机构", **{str(one): name for one, name in TARGET_NAMES.items()},
}  # fmt: skip
_OF: Final = {"staff": "", "contact": "联系人 ", "institution": "机构 ", "experts": "专家: ", "contract": "合同 "}
_ON: Final = {
    **EVENTS, **{type_: f"时限{name.removeprefix('时限')}" for type_, name in CLOCK_EVENTS.items()},
    "obligation.noticed": "事项预告", "obligation.reminded": "事项提醒", "obligation.overdue": "事项逾期",
    "obligation.escalated": "事项逾期升级", "outage.suggested": "疑似群体故障", "outage.grew": "群体故障扩大",
    "outage.confirmed": "确认群体故障", "exemption.requested": "申请免责", "exemption.approved": "批准免责",
    "exemption.rejected": "驳回免责", "stats.finished": "统计完成", "stats.failed": "统计失败",
    "knowledge.submitted": "知识提交审核", "knowledge.questioned": "知识受质疑", "": "由系统直接发出",
}  # fmt: skip
_WAYS: Final = {
    "email": "邮件", "sms": "短信", "wecom_robot": "企业微信群机器人", "wecom_app": "企业微信应用", "dingtalk": "钉钉",
    "feishu": "飞书", "webhook": "网址推送", "web_push": "桌面通知", "inbox": "收件箱",
}  # fmt: skip
CODES: Final[dict[str, dict[Any, str]]] = {"kinds": {**KINDS}, "priorities": {**PRIORITIES}, "channels": {**CHANNELS}}
"""Of conditions of a policy, by the condition's name."""
_PARTS: Final = re.compile(r"(\d+)([hms])")
_UNITS: Final = {"h": "小时", "m": "分钟", "s": "秒"}


def audience(word: str) -> str:
    """Whom a rule tells: 组长, 专家: 结算; a group goes by its own name."""
    kind, _, id_ = word.partition(":")
    return f"{_OF[kind]}{id_}" if id_ and kind in _OF else _AUDIENCES.get(word, word)


def urgency(text: str) -> str:
    """Of a rule; an expression is worked out for each event."""
    return URGENCY_NAMES.get(text, "按事件而定")  # type: ignore[call-overload,no-any-return]


def event(type_: str) -> str:
    """The name of what a rule is for; the type where it has none."""
    return _ON.get(type_, type_)


def way(kind: str) -> str:
    return _WAYS.get(kind, kind)


def lasting(text: str) -> str:
    """How long a promise is, as policies write it: 1h30m is 1小时30分钟."""
    return _PARTS.sub(lambda found: found[1] + _UNITS[found[2]], text)


def step(label: str) -> str:
    """A threshold of a promise: 80%, or +15m after its time."""
    return f"超时{lasting(label[1:])}" if label.startswith("+") else label


WORDS: Final = {
    "channels": CHANNELS, "replies": OUTCOMES, "deliveries": DELIVERIES, "audience": audience, "urgency": urgency,
    "event": event, "way": way,
}  # fmt: skip
