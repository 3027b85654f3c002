"""The administration's tables: what a service measures, what each role may do, promises in words. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from chassis.zone import BEIJING
from contracts.identity import TITLES, Rights
from contracts.sla import CANARY, CLOCK_NAMES, TARGET_NAMES
from services.console.pages.admin.words import CODES, lasting, step
from services.console.web.forms import words_of
from services.console.web.menu import MENU

Json = dict[str, Any]
SERVICES: Final = {
    "intake": "受理", "sla": "时限", "stats": "统计", "notify": "通知", "knowledge": "知识", "console": "控制台"
}  # fmt: skip
ROLES: Final = TITLES
_SAMPLE: Final = re.compile(r"^([a-z_]+)(?:\{(.*)\})? ([0-9.eE+-]+|NaN|[+-]Inf)$", re.M)
_LABEL: Final = re.compile(r'([a-z_]+)="((?:[^"\\]|\\.)*)"')
_WHEN: Final = {
    "contracts": "合同", "institutions": "机构", "kinds": "类型", "categories": "类别", "priorities": "优先级",
    "channels": "渠道",
}  # fmt: skip


def samples(text: str, name: str) -> list[tuple[dict[str, str], float]]:
    """The values of one measure in the text that Prometheus reads, each with its labels."""
    found = (m for m in _SAMPLE.finditer(text) if m[1] == name)
    return [(dict(_LABEL.findall(m[2] or "")), float(m[3])) for m in found]


def total(text: str, name: str) -> int:
    return int(sum(value for _, value in samples(text, name)))


def backlog(text: str) -> list[Json]:
    """What waits to be worked on, by durable, the longest first."""
    ages = {labels["durable"]: value for labels, value in samples(text, "yibao_backlog_oldest_seconds")}
    rows = [
        {"durable": labels["durable"], "waiting": int(value), "oldest_s": ages.get(labels["durable"], 0.0)}
        for labels, value in samples(text, "yibao_backlog_messages")
        if value
    ]
    return sorted(rows, key=lambda row: -row["oldest_s"])


def providers(text: str, summary: Iterable[Json]) -> list[Json]:
    """The ways out: whether each is used now, and what became of what it was given."""
    given: dict[str, Json] = {}
    for row in summary:
        given.setdefault(row["provider"], row)
    opened = {labels["provider"]: value > 0 for labels, value in samples(text, "yibao_provider_open")}
    outcomes: dict[str, dict[str, int]] = {}
    for labels, value in samples(text, "yibao_deliveries_total"):
        outcomes.setdefault(labels["provider"], {})[labels["outcome"]] = int(value)
    names = sorted({*opened, *given, *outcomes})
    return [
        {"name": name, "open": opened.get(name, False), "outcomes": outcomes.get(name, {}), **given.get(name, {})}
        for name in names
    ]


def channels(text: str) -> list[Json]:
    """Replies that were sent since the start, by channel and what became of them."""
    rows: dict[str, dict[str, int]] = {}
    for labels, value in samples(text, "yibao_channel_replies_total"):
        rows.setdefault(labels["channel"], {})[labels["outcome"]] = int(value)
    return [{"channel": channel, "outcomes": outcomes} for channel, outcomes in sorted(rows.items())]


def permissions(tables: Mapping[str, Sequence[Json]]) -> list[Json]:
    """What each route of the services does and who may, by service; what anybody may is left out."""
    return [
        {"service": SERVICES[service], "path": row["path"].replace(":str", "").replace(":uuid", ""),
         "methods": row["methods"], "summary": row["summary"], "roles": row["roles"]}
        for service, rows in tables.items()
        for row in sorted(rows, key=lambda row: (row["path"], row["methods"]))
        if row["roles"]
    ]  # fmt: skip


def menu() -> list[Json]:
    """The console's own pages, and whose menu has them."""
    return [{"title": entry.title, "path": entry.path, "roles": entry.roles} for entry in MENU]


def held(setting: Json) -> Json:
    """The one of the two that counts, the saved one or the shipped."""
    body: Json = setting["saved"] or setting["packaged"]
    return body


def policies(told: Iterable[Json]) -> list[Json]:
    """For people to read: the conditions, and for each clock how long, by which calendar, whom to tell when."""
    return [
        {"name": policy["name"], "none": policy["none"], "when": _conditions(policy["when"]),
         "clocks": [_clock(title, policy[clock], policy["calendar"]) for clock, title in CLOCK_NAMES.items()
                    if policy[clock]]}
        for policy in told if policy["name"] != CANARY
    ]  # fmt: skip


def rights_of(role: str, institutions: str, districts: str) -> Rights:
    """What a form of an account says. Raises pydantic's ValidationError."""
    codes = {"institutions": tuple(words_of(institutions)), "districts": tuple(words_of(districts))}
    return Rights.model_validate({"role": role, **codes})


def end_of(last: str) -> datetime | None:
    """When what is good until a day, that one included, is over; never without a day. Raises ValueError."""
    return datetime.combine(date.fromisoformat(last) + timedelta(days=1), time(), BEIJING) if last else None


def is_over(expires_at: datetime | None, now: datetime) -> bool:
    return expires_at is not None and expires_at <= now


def _clock(title: str, promise: Json, calendar: str) -> Json:
    steps = {step(label): [TARGET_NAMES[one] for one in tell] for label, tell in promise["thresholds"].items()}
    return {
        "name": title,
        "within": lasting(promise["within"]),
        "calendar": promise["calendar"] or calendar,
        "steps": steps,
    }


def _conditions(when: Json) -> list[str]:
    words = {"hours": {"open": "营业时间内", "closed": "非营业时间"}.get(when["hours"], "")}
    words |= {name: "、".join(CODES.get(name, {}).get(one, one) for one in when[name]) for name in _WHEN if when[name]}
    return [f"{_WHEN[name]} {text}" if name in _WHEN else text for name, text in words.items() if text]
