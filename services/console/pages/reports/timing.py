"""When a schedule is due, as a form asks for it and as stats keeps it. Pure."""

import re
from collections.abc import Mapping
from typing import Any, Final

Json = dict[str, Any]
EVERY: Final = {
    "day": "每天", "workdays": "每个工作日", "week": "每周的星期几", "month": "每月的几日",
    "workday": "每月第几个工作日", "cron": "其他 (自己写 cron)",
}  # fmt: skip
_CRON: Final = re.compile(r"(\d{1,2}) (\d{1,2}) (\*|\d{1,2}) \* (\*|\d)")
BLANK: Final[Json] = {"every": "workday", "time": "08:00", "number": "1", "cron": ""}


def timing(fields: Mapping[str, str], calendar: str = "desk") -> Json:
    """Of the form's `every`, `time`, `number` and `cron`: a Timing of contracts.schedule. What is wrong, stats says."""
    every, number = fields.get("every", ""), fields.get("number", "").strip() or "1"
    if every == "cron":
        return {"cron": fields.get("cron", "").strip(), "calendar": calendar}
    hour, _, minute = (fields.get("time") or "08:00").partition(":")
    at = f"{minute.lstrip('0') or '0'} {hour.lstrip('0') or '0'}"
    dates = {"week": f"* * {number}", "month": f"{number} * *"}.get(every, "* * *")
    made: Json = {"cron": f"{at} {dates}", "calendar": calendar}
    if every == "workdays":
        made["workdays"] = True
    if every == "workday":
        made["workday"] = int(number) if re.fullmatch(r"-?\d{1,2}", number) else number
    return made


def fields(timing: Json) -> Json:
    """The way back: what the form shows of a Timing; what it has no words for is shown as cron."""
    cron, workday, workdays = timing["cron"], timing.get("workday", 0), timing.get("workdays", False)
    plain = {**BLANK, "every": "cron", "cron": cron}
    if (found := _CRON.fullmatch(cron)) is None:
        return plain
    minute, hour, date, week = found.groups()
    every, number = _every(date, week, workday, workdays)
    if not every or int(hour) > 23 or int(minute) > 59:
        return plain
    return {"every": every, "time": f"{int(hour):02}:{int(minute):02}", "number": number, "cron": ""}


def _every(date: str, week: str, workday: int, workdays: bool) -> tuple[str, str]:
    """Empty for a mixture."""
    match (date, week, workday, workdays):
        case "*", "*", 0, False:
            return "day", "1"
        case "*", "*", 0, True:
            return "workdays", "1"
        case "*", "*", _, False:
            return "workday", str(workday)
        case "*", _, 0, False:
            return "week", week
        case _, "*", 0, False:
            return "month", date
    return "", ""


def told(timing: Json) -> str:
    """A Timing in words: 每月第 1 个工作日 08:00."""
    shown = fields(timing)
    number = shown["number"]
    days = {"0": "日", **dict(zip("1234567", "一二三四五六日", strict=True))}
    match shown["every"]:
        case "week":
            return f"每周{days.get(number, number)} {shown['time']}"
        case "month":
            return f"每月 {number} 日 {shown['time']}"
        case "workday":
            place = f"倒数第 {number[1:]} 个" if number.startswith("-") else f"第 {number} 个"
            return f"每月{place}工作日 {shown['time']}"
        case "day" | "workdays" as every:
            return f"{EVERY[every]} {shown['time']}"
    only = " (只在工作日)" if timing.get("workdays") else ""
    return f"cron {timing['cron']}{only}"
