"""Obligations as a list by due date and as a month; attainment as tables that lead to what is behind them. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from itertools import groupby
from typing import Any, Final
from urllib.parse import urlencode

from chassis.zone import BEIJING
from contracts.exemption import GROUND_NAMES
from contracts.sla import CLOCK_NAMES, TARGET_NAMES
from services.console.pages.cases.words import PRIORITIES
from services.console.pages.months import grid
from services.console.web.forms import words_of

Json = dict[str, Any]
STATES: Final = {"open": "进行中", "overdue": "逾期", "completed": "已完成", "dropped": "已取消"}
COLOURS: Final = {
    "open": "blue",
    "overdue": "red",
    "completed": "green",
    "dropped": "secondary",
    "planned": "secondary",
}
ITEMS: Final = {"open": "blue", "done": "green", "waived": "secondary"}
GROUPS: Final = {
    "institution": "机构", "category": "类别", "engineer": "工程师", "clock": "时限", "month": "月份",
    "contract": "合同", "priority": "优先级", "policy": "政策",
}  # fmt: skip
TOLD_HOSPITALS: Final = ("institution", "clock", "month", "contract")
"""Who works on their cases, and how these are ranked, is not their matter."""
OUTCOMES: Final = {"kept": "达成", "late": "超时", "exempted": "免责", "open": "未到期", "void": "不计"}
NAMED: Final[Mapping[str, Mapping[Any, str]]] = {"clock": CLOCK_NAMES, "outcome": OUTCOMES, "priority": PRIORITIES}
VERDICTS: Final = {"达标": "green", "未达标": "red", "无数据": "secondary"}
STANDINGS: Final = {"requested": "orange", "approved": "green", "rejected": "red", "revoked": "secondary"}
GROUNDS: Final = GROUND_NAMES
TARGETS: Final = TARGET_NAMES
FILTERS: Final = ("contract", "institution", "category", "priority", "engineer", "clock", "policy", "outcome")


def shown(one: Json) -> Json:
    """With its colour, how many there are, and which part of them is settled."""
    counts = one["counts"]
    total = sum(counts.values())
    settled = counts["done"] + counts["waived"]
    return {**one, "colour": COLOURS[one["state"]], "total": total, "settled": settled,
            "percent": 100 * settled // total if total else 0}  # fmt: skip


def by_day(rows: Iterable[Json]) -> list[tuple[date, list[Json]]]:
    """In order of their due days in Beijing."""
    ordered = sorted(map(shown, rows), key=lambda one: (due_day(one), one["title"]))
    return [(day, list(some)) for day, some in groupby(ordered, key=due_day)]


def due_day(one: Json) -> date:
    return datetime.fromisoformat(one["due_at"]).astimezone(BEIJING).date()


def month(first: date, days: Sequence[tuple[date, list[Json]]]) -> list[list[Json]]:
    """The weeks of a month with what is due on each day."""
    due = dict(days)
    return [
        [{"day": day, "outside": day.month != first.month, "due": due.get(day, [])} for day in week]
        for week in grid(first)
    ]


def query_of(given: Mapping[str, str], **more: str) -> dict[str, str]:
    """Of attainment: the months and the filters that are given; an empty filter is one, for cycles that have none."""
    months = {name: given[name] for name in ("month", "until", "as_of") if given.get(name)}
    return {**months, **{name: given[name] for name in FILTERS if name in given}, **more}


def groups(role: str) -> dict[str, str]:
    """By what a table may be grouped that somebody of this role sees."""
    return {name: title for name, title in GROUPS.items() if role != "hospital" or name in TOLD_HOSPITALS}


def filters(query: Mapping[str, str]) -> dict[str, str]:
    """What stays when another month is looked at."""
    return {name: query[name] for name in FILTERS if name in query}


def narrowed(query: Mapping[str, str], named: Mapping[str, Mapping[str, str]]) -> list[tuple[str, str]]:
    """The filters in words."""
    titles = {**GROUPS, "outcome": "结果"}
    return [(titles[name], named.get(name, {}).get(value, value) or "无") for name, value in filters(query).items()]


def line(one: Json, query: Mapping[str, str], named: Mapping[str, Mapping[str, str]] = NAMED) -> Json:
    """A group with the address of the cycles behind it; `named` has the names of codes by what is grouped."""
    within = {**query, **{name: value for name, value in one["key"].items() if name in FILTERS}}
    if chosen := one["key"].get("month"):
        within.update(month=chosen, until=chosen)
    name = next((named[by][code] for by, code in one["key"].items() if code in named.get(by, ())), one["name"])
    return {**one, "name": name or "合计", "rows": f"/obligations/attainment/rows?{urlencode(within)}"}


def clause(one: Json, query: Mapping[str, str]) -> Json:
    """A clause with its colour; those of an obligation lead to nothing, for they have no cycles."""
    key = {"contract": one["contract"], **({"clock": one["clock"]} if one["clock"] else {})}
    figures = line({**one["line"], "key": key}, query, {}) if one["clock"] else {**one["line"], "rows": ""}
    return {**one, "colour": VERDICTS[one["verdict"]], "line": figures}


def clock_name(clock: str) -> str:
    return CLOCK_NAMES.get(clock, clock)  # type: ignore[call-overload,no-any-return]


def wish(form: Mapping[str, str]) -> Json:
    """The exemption that a form asks for; its times are Beijing's. Raises ValueError for one that is none."""
    named = {name: words_of(form.get(name, "")) for name in ("contracts", "institutions", "case_ids")}
    scope: Json = {name: some for name, some in named.items() if some}
    times = {
        name: datetime.fromisoformat(form[name]).replace(tzinfo=BEIJING).isoformat() for name in ("begins", "ends")
    }
    said = {"ground": form.get("ground", "other"), "text": form.get("text", "")}
    return {**said, **times, "scope": scope if not form.get("everything") else {"everything": True, **scope}}
