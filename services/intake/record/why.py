"""Why a message is in its case, in a sentence for staff."""

from typing import Final

from contracts.case import Why

SENTENCES: Final[dict[Why, str]] = {
    "first": "该会话的第一条消息, 新建工单",
    "open": "该来询人在此会话中有未结束的工单, 并入",
    "quote": "引用了此工单中的消息, 并入",
    "marker": "以明确的标记开头, 单独建单",
    "idle": "距上一条消息过久, 新建工单",
    "topic": "内容与之前的工单不同, 新建工单",
    "grace": "工单关闭后不久又来信, 并入并重新打开",
    "follow_up": "是对此工单的追问, 并入",
    "full": "原工单已满, 续建新工单",
    "thanks": "只是致谢, 留在原工单",
    "staff": "工作人员在群里的发言, 记入所答的工单",
    "moved": "由工作人员从别的工单移来",
}


def sentence(why: str) -> str:
    """The sentence for a code; an unknown code (of a newer version) as it is."""
    return SENTENCES.get(why, why)  # type: ignore[call-overload, no-any-return]
