"""What can be done with a case: which route of intake does it, what it takes from a form, what is told after. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from services.console.web.forms import whole

Json = dict[str, Any]
Form = Mapping[str, str]
STEP: Final = "field."
"""How a form names the fields of a step of the workflow."""


class Act(NamedTuple):
    """`takes` are fields of the form that go into the command; an empty one is left out."""

    route: str
    takes: tuple[str, ...]
    told: str


ACTS: Final[Mapping[str, Act]] = {
    "respond": Act("respond", ("text", "via"), "已答复"),
    "note": Act("note", ("text",), "已加备注"),
    "assign": Act("assign", ("assignee", "reason"), "已分派"),
    "wait": Act("wait", ("waiting_for", "reason"), "已转等待"),
    "escalate": Act("escalate", ("to", "reason", "external_number"), "已上报"),
    "chase": Act("chase", ("note",), "已登记催办"),
    "resolve": Act("resolve", ("resolution",), "已解决: 方案已成为知识草稿, 请到知识页送审"),
    "close": Act("close", ("reason",), "已关闭"),
    "reopen": Act("reopen", ("reason",), "已重新打开"),
    "categorise": Act("categorise", ("category", "priority"), "已改类别与优先级"),
    "kind": Act("kind", ("kind", "reason"), "已改类型"),
    "merge": Act("merge", ("into", "reason"), "已合并"),
    "visit": Act("visit", ("engineer", "phase", "place", "note"), "已登记上门"),
    "step": Act("step", ("transition", "reason"), "流程已推进"),
}
_BULK: Final[Mapping[str, tuple[str, str, str]]] = {
    "assign": ("assign", "assignee", "assignee"), "category": ("categorise", "category", "category"),
    "priority": ("categorise", "priority", "priority"), "note": ("note", "text", "text"),
    "resolve": ("resolve", "resolution", "text"), "close": ("close", "reason", "text"),
}  # fmt: skip


ADDING: Final = {"note", "chase", "visit"}
"""What overrules nobody, whatever has happened in between."""
STALE: Final = "别人刚处理过这件工单, 页面已更新: 请看过后再提交 (填写的内容还在)"
_BESIDE: Final = {
    "case.reply_reported", "case.revealed", "case.chase_due", "case.window_closing", "case.message_repeated",
}  # fmt: skip
"""What happens to a case by itself, and changes nobody's mind about it."""


def seen_of(act: Act, form: Form) -> int | None:
    """The version that was looked at, where it matters for this act."""
    return None if act.route in ADDING else whole(form.get("seen", ""))


def is_news(timeline: Iterable[Json], seen: int) -> bool:
    """Whether anything has happened since `seen` that who acts should have read first."""
    return any(
        event["version"] > seen and event["type"] not in _BESIDE and not event["type"].startswith("channel.out.")
        for event in timeline
    )


def body_of(act: Act, form: Form) -> Json:
    """What intake is sent."""
    body: Json = {name: form[name].strip() for name in act.takes if form.get(name, "").strip()}
    if act.route == "step":
        fields = {name.removeprefix(STEP): value for name, value in form.items() if name.startswith(STEP)}
        body["fields"] = {name: value.strip() for name, value in fields.items() if value.strip()}
    return body


def bulk_of(act: str, form: Form) -> tuple[Act, Json] | None:
    """The same for many cases at once; None for what cannot be done with many."""
    if act not in _BULK:
        return None
    route, field, given = _BULK[act]
    return ACTS[route], {field: form.get(given, "").strip()}
