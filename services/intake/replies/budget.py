"""How often, and until when, a channel still lets the desk answer somebody (回复额度): pure.

WeChat's customer service takes five answers within 48 hours of the person's last words; whoever does not count gets
an error from the vendor and the person gets nothing. The table of limits is set once, when the service starts.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from chassis.errors import Refused
from services.intake.model import Case

State = Literal["open", "closing", "used_up", "closed"]
_CHANNELS = {"wechat": "微信", "qq": "QQ", "phone": "电话", "web": "网页", "email": "邮件", "onsite": "现场"}


class Limit(NamedTuple):
    """A channel takes `replies` answers within `hours` of somebody's last words; staff hear `warn_hours` before."""

    replies: int = 5
    hours: float = 48.0
    warn_hours: float = 4.0

    @property
    def lasts(self) -> timedelta:
        return timedelta(hours=self.hours)

    @property
    def warns(self) -> timedelta:
        return timedelta(hours=self.warn_hours)


class Budget(NamedTuple):
    """`closing`: the last answer, or the last hours."""

    left: int
    closes_at: datetime
    state: State


WECHAT = Limit()
_limits: dict[str, Limit] = {"wechat": WECHAT}


def configure(limits: Mapping[str, Limit]) -> None:
    """The limits of this process by channel, before its first message; later calls are for tests."""
    _limits.clear()
    _limits.update(limits)


def limits() -> Mapping[str, Limit]:
    return MappingProxyType(_limits)


def left(heard_at: datetime, replies: int, limit: Limit, now: datetime) -> Budget:
    """What is left when the person last spoke at `heard_at` and has been answered `replies` times since."""
    closes_at = heard_at + limit.lasts
    remaining = max(0, limit.replies - replies)
    if now >= closes_at:
        return Budget(0, closes_at, "closed")
    if not remaining:
        return Budget(0, closes_at, "used_up")
    closing = now >= closes_at - limit.warns or (remaining == 1 and replies > 0)
    return Budget(remaining, closes_at, "closing" if closing else "open")


def budget_of(case: Case, now: datetime) -> Budget | None:
    """None where the channel sets no limit: most channels, and groups."""
    limit = _limits.get(case.channel)
    if limit is None or case.heard_at is None or case.group:
        return None
    return left(case.heard_at, case.replies, limit, now)


def check(case: Case, now: datetime) -> None:
    """Raises Refused when the channel would not take another answer."""
    budget = budget_of(case, now)
    if budget is None or budget.left:
        return
    channel, limit = _CHANNELS[case.channel], _limits[case.channel]
    if budget.state == "closed":
        why = f"{channel}只允许在对方最后一次来信后 {limit.hours:g} 小时内回复, 现已超过"
    else:
        why = f"{channel}允许的 {limit.replies} 次回复已用完, 对方再次来信后才能继续"
    raise Refused("window_closed", f"{why}: 请改打电话答复, 并选择“电话”(via=phone) 登记答复内容")


_WORDS: Mapping[State, str] = {
    "open": "还可回复 {left} 次",
    "closing": "回复窗口即将关闭: 还可回复 {left} 次, 请尽快答复",
    "used_up": "回复次数已用完: 请改打电话, 并登记为电话答复",
    "closed": "回复窗口已关闭: 请改打电话, 并登记为电话答复",
}


def budget_view(case: Case, now: datetime) -> dict[str, Any] | None:
    """The budget as the API shows it with a case, None where there is no limit."""
    if (budget := budget_of(case, now)) is None:
        return None
    return {
        "left": budget.left,
        "of": _limits[case.channel].replies,
        "closes_at": budget.closes_at.isoformat().replace("+00:00", "Z"),
        "state": budget.state,
        "text": _WORDS[budget.state].format(left=budget.left),
    }
