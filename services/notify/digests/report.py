"""The words of a report (日报, 周报) for a member of staff, an institution or the centre. Pure."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from chassis.roster import Shifts
from chassis.zone import BEIJING
from contracts.duty import Shift
from contracts.obligation import period_name
from contracts.sla import CLOCK_NAMES
from services.notify.digests.figures import Figures
from services.notify.digests.period import KIND_NAMES
from services.notify.digests.told import Due, Sums

MOST_LINES, MOST_LETTERS = 10, 4_000
AHEAD = timedelta(days=7)
_STATES = {"suggested": "疑似", "confirmed": "已确认", "resolved": "已解决"}
_SHIFTS = {"duty": "值班", "lunch_cover": "午间值守", "leave": "请假"}
_WEEKDAYS = "一二三四五六日"
Name = Callable[[str], str]


class Words(NamedTuple):
    title: str
    body: str


def ahead(shifts: Shifts, staff: str, at: datetime) -> list[Shift]:
    """The shifts of a member of staff that run at `at` or begin in the week after it."""
    return [shift for shift in shifts.of(staff, at) if shift.begins < at + AHEAD]


def report(
    figures: Figures, audience: str, shifts: Sequence[Shift] = (), name: Name = str, now: datetime | None = None
) -> Words:
    """For `staff:<id>` what concerns him, with his `shifts`; for `institution:<code>` what is its own; for everybody
    else the centre's. `name` is what an institution's code is called. `now` is given where somebody asks in between:
    then it says whether the period has ended, and his shifts are those from then on.
    """
    at = figures.of.moment(now) if now else figures.of.until
    kind, _, key = audience.partition(":")
    if kind == "staff":
        lines = _staff(figures, audience, shifts, at)
    elif kind == "institution":
        lines = _institution(figures, key)
    else:
        lines = _centre(figures, name, at)
    of = f" · {name(key)}" if kind == "institution" else ""
    title = f"{KIND_NAMES[figures.of.kind]} {_day(figures.of.until)}{of}"
    return Words(title[:200], _fitting("\n".join((_period(figures, at), *lines))))


def _staff(figures: Figures, audience: str, shifts: Sequence[Shift], at: datetime) -> Iterator[str]:
    mine = figures.mine(audience)
    yield f"我的通知: 新 {mine.new} 条, 未读 {mine.unread} 条, 未确认 {mine.unacknowledged} 条"
    if mine.failed:
        yield f"没有送达我的通知 {mine.failed} 条: 请检查手机号等收件设置, 内容见收件箱"
    week = f"{_minute(at)} 起 {AHEAD.days} 天内"
    yield from _listed(f"{week}的值班", [_shift(shift) for shift in shifts], f"{week}没有排班")


def _institution(figures: Figures, code: str) -> Iterator[str]:
    sums = figures.sums(code)
    yield f"工单: {_cases(sums)}"
    yield from _promises(sums)
    breaches = [f"{number} {CLOCK_NAMES.get(clock, clock)}" for number, clock in figures.breaches(code)]  # type: ignore[call-overload]
    yield from _listed("超时", breaches, "没有超时")


def _centre(figures: Figures, name: Name, at: datetime) -> Iterator[str]:
    sums = figures.sums()
    yield f"工单: {_cases(sums)}"
    yield from _promises(sums)
    yield f"超时 {len(figures.breaches())} 次"
    yield from _listed("按类别", [f"{c or '未分类'}: {_cases(s)}" for c, s in figures.by_category().items()], "")
    by_institution = [_row(name(c) if c else "机构不详", s) for c, s in figures.by_institution().items()]
    yield from _listed("按机构", by_institution, "")
    outages = [f"{o.number} {o.title} ({_STATES[o.state]})" for o in figures.outages()]
    yield from _listed("群体故障", outages, "没有群体故障")
    duties = [_due(due, at) for due in figures.due()]
    yield from _listed("7 天内到期和逾期的义务", duties, "7 天内没有到期的义务")


def _cases(sums: Sums) -> str:
    return f"新 {sums.opened}, 解决 {sums.resolved}, 未结 {sums.open}"


def _promises(sums: Sums) -> Iterator[str]:
    if (share := sums.attainment) is not None:
        yield f"首次响应达成率 {share:.1%} ({sums.kept}/{sums.kept + sums.missed})"


def _row(name: str, sums: Sums) -> str:
    return ", ".join((f"{name}: {_cases(sums)}", *(line.replace("首次响应", "响应") for line in _promises(sums))))


def _listed(head: str, lines: Sequence[str], without: str) -> Iterator[str]:
    if lines:
        yield f"{head}:"
        yield from (f"- {line}" for line in lines[:MOST_LINES])
        if (more := len(lines) - MOST_LINES) > 0:
            yield f"- 另有 {more} 项"
    elif without:
        yield without


def _due(due: Due, now: datetime) -> str:
    late = "已逾期, " if due.due_at < now else ""
    until = _minute(due.due_at)
    return f"{due.title} {period_name(due.period)} · {due.holder_name}: {late}截止 {until}, {due.open} 项未完成"


def _shift(shift: Shift) -> str:
    begins, ends = shift.begins.astimezone(BEIJING), shift.ends.astimezone(BEIJING)
    until = f"{ends:%H:%M}" if ends.date() == begins.date() else f"{ends:%m-%d %H:%M}"
    day = f"{begins:%m-%d} 周{_WEEKDAYS[begins.weekday()]}"
    return f"{day} {begins:%H:%M}-{until} {_SHIFTS[shift.kind]}"


def _day(at: datetime) -> str:
    return f"{at.astimezone(BEIJING):%Y-%m-%d}"


def _minute(at: datetime) -> str:
    return f"{at.astimezone(BEIJING):%m-%d %H:%M}"


def _period(figures: Figures, at: datetime) -> str:
    _, since, until = figures.of
    unfinished = f" (尚未结束, 以下统计到 {_minute(at)})" if at < until else ""
    return f"{_minute(since)} 至 {_minute(until)}{unfinished}"


def _fitting(text: str) -> str:
    return text if len(text) <= MOST_LETTERS else f"{text[: MOST_LETTERS - 1]}…"
