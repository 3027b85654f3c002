"""What a list of cases is asked for by its address, and what it shows of each case. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

from services.console.pages.cases.words import OPEN

Json = dict[str, Any]
Asked = dict[str, list[str]]
Titles = Mapping[str, Mapping[Any, str]]
"""The names of what may be asked for: by field, by value."""
MANY: Final = ("status", "kind", "category", "priority", "channel", "assignee", "institution", "waiting_for")
ONE: Final = ("q", "opened_since", "opened_until", "outage")
ME, NOBODY = "me", "none"
PAGE: Final = 50
MOST: Final = 200
"""As many clocks are asked for at once."""
FIELDS: Final = {
    "category": "类别",
    "priority": "优先级",
    "channel": "渠道",
    "assignee": "负责人",
    "institution": "机构",
}
"""What the form above a list can be filtered by, one value each."""
_SHOWN: Final = {"q", "sort"}
_WIDE: Final = {"status", "assignee", "unassigned"}


class View(NamedTuple):
    """A list by name: `key` is its address, the query of /cases."""

    title: str
    key: str


COMMON: Final = (
    View("我的未结", "status=open&assignee=me&sort=left"), View("未分派", "status=open&assignee=none&sort=left"),
    View("全部未结", "status=open"), View("等待", "status=waiting"), View("已上报", "status=escalated"),
    View("待确认", "status=resolved"), View("全部", ""),
)  # fmt: skip
OWN: Final = (View("进行中", "status=open"), View("请我确认", "status=resolved"), View("已办结", "status=closed"),
              View("全部", ""))  # fmt: skip
"""Those of a hospital."""


def asked(query: Iterable[tuple[str, str]]) -> Asked:
    """What is known of an address, in an order of its own, so that the same list has one address."""
    given: Asked = {}
    for name, value in query:
        if value.strip() and name in (*MANY, *ONE, "sort"):
            given.setdefault(name, []).append(value.strip()[:200])
    return {name: list(dict.fromkeys(given[name])) for name in (*MANY, *ONE, "sort") if name in given}


def address(wanted: Asked, cursor: str = "") -> str:
    """The query of /cases that asks for it, or for the page of it that `cursor` begins."""
    pairs = [(name, value) for name, values in wanted.items() for value in values]
    return urlencode([*pairs, ("cursor", cursor)] if cursor else pairs)


def fields(wanted: Asked, titles: Titles) -> list[Json]:
    """What the form above a list offers, with the value of each field that is chosen."""
    return [
        {"name": name, "label": label, "choices": titles[name].items(), "chosen": wanted.get(name, [])[:1]}
        for name, label in FIELDS.items()
    ]


def kept(wanted: Asked, titles: Titles) -> list[tuple[str, str]]:
    """What a list is narrowed to that no field of its form shows: sent along, so that nothing is lost by filtering."""
    return [
        (name, value)
        for name, values in wanted.items()
        if name not in _SHOWN
        for value in (values[1:] if name in FIELDS and values[0] in titles[name] else values)
    ]


def for_intake(wanted: Asked, me: str) -> Json:
    """The same as intake understands it: `status=open` is four, and a person is named."""
    query: Json = {name: wanted[name] for name in MANY if name in wanted}
    query |= {name: wanted[name][0] for name in ONE if name in wanted}
    if "open" in query.get("status", ()):
        query["status"] = list(dict.fromkeys([*OPEN, *(s for s in query["status"] if s != "open")]))
    people = [me if who == ME else who for who in query.pop("assignee", ()) if who != NOBODY]
    if people:
        query["assignee"] = people
    elif NOBODY in wanted.get("assignee", ()):
        query["unassigned"] = True
    return query


def for_sla(query: Json, limit: int) -> Json:
    """What sla is asked for the most urgent of a list: as many as are shown where sla knows all that narrows it."""
    people = query.get("assignee", ())
    known = query.keys() <= _WIDE and len(people) <= 1 and set(OPEN) <= set(query.get("status", OPEN))
    whose = {"assignee": people[0]} if len(people) == 1 else {"unassigned": query.get("unassigned", False)}
    return {"limit": limit if known else MOST, **whose}


def rows(cases: Sequence[Json], clocks: Sequence[Json]) -> list[Json]:
    """Each case with its next deadline; of each case `clocks` come with the earliest first."""
    soonest: dict[str, Json] = {}
    for clock in clocks:
        if clock["state"] == "running":
            soonest.setdefault(clock["case_id"], clock)
    return [{**case, "clock": soonest.get(case["id"])} for case in cases]


def by_left(rows: Iterable[Json]) -> list[Json]:
    """By their deadline, those without one last."""
    return sorted(rows, key=lambda row: row["clock"]["due_at"] if row["clock"] else "~")


def tabs(common: Sequence[View], own: Sequence[View], here: str, figures: Json | None) -> list[Json]:
    """`count` is None where it is not known."""
    return [
        {
            "title": view.title,
            "key": view.key,
            "here": view.key == here,
            "own": view in own,
            "count": _count(view, figures),
        }
        for view in (*common, *own)
    ]


def _count(view: View, figures: Json | None) -> int | None:
    if figures is None:
        return None
    known = {"我的未结": figures["mine"], "未分派": figures["unassigned"], "全部未结": figures["open"]}
    count: int | None = known.get(view.title, figures["by_status"].get(view.key.removeprefix("status=")))
    return count


def chips(wanted: Asked, titles: Titles) -> list[tuple[str, str]]:
    """What the list is narrowed to: in words, and the address without it."""
    return [
        (titles.get(name, {}).get(value, value), address({**wanted, name: [v for v in values if v != value]}))
        for name, values in wanted.items()
        if name != "sort"
        for value in values
    ]
