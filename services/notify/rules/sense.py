"""Whether a rule makes sense as a whole: its event is heard, its groups end, its calls come in time. Pure.

A rule that only looks right would be silent when it counts, so each of these is said before it is saved.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from contracts.registry import EVENTS
from contracts.setting import AlertRule, Matcher
from contracts.topology import durables_of, matches
from services.notify.rules.rulebook import FIELDS_OF_LABELS, event_fields

HEARD: Final = tuple(
    sorted(
        type_
        for type_ in EVENTS
        if any(matches(f, type_) for d in durables_of("notify") if not d.part for f in d.filters)
    )
)
"""The events that rules can be about."""
LABELS: Final = (
    "rule", "urgency", "outage",
    *(label for label, field in FIELDS_OF_LABELS.items() if any(field in event_fields(type_) for type_ in HEARD)),
)  # fmt: skip
"""The labels that an alert may have; see `Compiled.labels`."""
_ONE_MATTER: Final = ("_id", "_at", "number", "period")


def of_event(rule: AlertRule) -> Iterator[str]:
    """Only what notify hears makes alerts; without an event it is a notice."""
    if rule.on and rule.on not in EVENTS:
        yield f"on: 没有 {rule.on} 这种事件, 可用 {', '.join(HEARD)}"
    elif rule.on and rule.on not in HEARD:
        yield f"on: 通知服务不接收 {rule.on} 事件, 此规则永远不会触发, 可用 {', '.join(HEARD)}"


def of_group(rule: AlertRule) -> Iterator[str]:
    fields = event_fields(rule.on)
    for field in rule.group:
        if field not in fields:
            yield f"group: 事件 {rule.on or '(无)'} 没有字段 {field}"
    if rule.group and not any(_is_of_one_matter(field) for field in rule.group):
        able = ", ".join(f for f in fields if _is_of_one_matter(f)) or "(无)"
        yield f"group: {', '.join(rule.group)} 不能区分不同的事, 所有通知会永远并成一条: 请加上以下之一: {able}"
    if rule.inhibits and not rule.group:
        yield "inhibits: 须同时填写 group, 才知道抑制哪一条通知"
    if (alert := rule.alert or rule.name) in rule.inhibits:
        yield f"inhibits: 规则不能抑制自己的通知 {alert}, 请删去"


def of_steps(rule: AlertRule) -> Iterator[str]:
    """All calls come before the deliveries are of no use any more."""
    twice = [f"{minutes:g}" for minutes, n in Counter(step.after_min for step in rule.steps).items() if n > 1]
    if twice:
        yield f"steps: 有不止一步在 {', '.join(twice)} 分钟: 请合并为一步 (to 写在一起), 或错开时间"
    last = max((step.after_min for step in rule.steps), default=0.0) * (rule.repeat + 1)
    if last >= rule.expires_h * 60:
        yield (
            f"steps: 最后一次上报在 {last:g} 分钟后, 而通知 {rule.expires_h:g} 小时 (expires_h) 后失效, 不会再发: "
            f"请减小 after_min 或 repeat, 或把 expires_h 改为大于 {last / 60:g}"
        )


def of_matchers(matchers: Iterable[Matcher]) -> Iterator[str]:
    """A label that no alert has would never fit, with `unless` always."""
    unknown = dict.fromkeys(m.label for m in matchers if m.label not in LABELS)
    if unknown:
        yield f"没有叫 {', '.join(unknown)} 的标签, 可用 {', '.join(LABELS)}"


def _is_of_one_matter(field: str) -> bool:
    """Whether two matters differ in it. By a category or an institution everything for ever would be one alert."""
    return field == "id" or field.endswith(_ONE_MATTER)
