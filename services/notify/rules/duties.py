"""The words of an alert about an obligation: which, how many are missing and who, how much time there is."""

from collections.abc import Iterator

from chassis.zone import BEIJING
from contracts.obligation import ObligationAlarm, OpenItem, period_name

_NAMED = 5


def title(event: ObligationAlarm) -> str:
    """`结算清单上传 2026年10月: 3 家未完成`; of a duty that nobody shares, only its name."""
    name = f"{event.title} {period_name(event.period)}"
    return f"{name}: {event.open} 家未完成" if _is_shared(event) else name


def body(event: ObligationAlarm) -> str:
    """`合同. 完成率 90.6% (145/160). 未完成: 市二院 45/60. 截止 11-11 18:00, 还有 2 个工作日`."""
    lines = [event.holder_name, *(_shared(event) if _is_shared(event) else _alone(event)), _time(event)]
    return ". ".join(line for line in lines if line)


def _is_shared(event: ObligationAlarm) -> bool:
    return event.open + event.done + event.waived > 1


def _shared(event: ObligationAlarm) -> Iterator[str]:
    """By several institutions: how far all of them are, and who is missing."""
    if event.least:
        yield f"到目前各应完成 {event.least} 次"
    elif event.progress_of:
        yield f"完成率 {event.progress / event.progress_of:.1%} ({event.progress}/{event.progress_of})"
    names = "、".join(_item(item) for item in event.missing[:_NAMED])
    yield f"未完成: {names}" + (f" 等 {event.open} 家" if event.open > _NAMED else "")


def _alone(event: ObligationAlarm) -> Iterator[str]:
    for item in event.missing:
        if item.of:
            yield f"已完成 {item.done}, 应完成 {item.of}"
    if event.least:
        yield f"到目前应完成 {event.least} 次"


def _item(item: OpenItem) -> str:
    return f"{item.name or item.key} {item.done}/{item.of}" if item.of else item.name or item.key


def _time(event: ObligationAlarm) -> str:
    until = f"截止 {event.due_at.astimezone(BEIJING):%m-%d %H:%M}"
    if event.type in ("obligation.overdue", "obligation.escalated"):
        return f"{until}, 已逾期 {-event.left} 个工作日" if event.left < 0 else f"{until}, 已逾期"
    if event.left > 0:
        return f"{until}, 还有 {event.left} 个工作日"
    today = event.due_at.astimezone(BEIJING).date() == event.recorded_at.astimezone(BEIJING).date()
    if today:
        return f"{until}, 就在今天"
    # Reminders in days come on working days; the notice of the day may come on a day off.
    works = event.threshold.startswith("-") and event.threshold.endswith("d")
    return f"{until}, 今天是截止前最后一个工作日" if works else f"{until}, 之前没有工作日了"
