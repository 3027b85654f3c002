"""The rules, compiled once: which alert an event makes, for whom, how urgent, in which words."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from contracts.envelope import Event
from contracts.notify import URGENCIES, Urgency
from contracts.registry import EVENTS
from contracts.setting import AlertRule
from services.notify.rules import audiences
from services.notify.rules.cutting import cut
from services.notify.rules.parts import Complain, Part, nobody_hears

Key = tuple[str, ...]
LONGEST_TITLE, LONGEST_BODY = 200, 500
IN_DOUBT: Final[Urgency] = "high"
"""How urgent an alert is whose expression fails: a mistake in a rule must not make it quieter."""
FIELDS_OF_LABELS: Final = {
    "category": "category", "institution": "institution_code", "priority": "priority", "clock": "clock",
    "definition": "definition", "report": "report", "assignee": "assignee", "number": "number", "channel": "channel",
    "kind": "kind", "holder": "holder", "ground": "ground",
}  # fmt: skip


class Compiled:
    """A rule, ready for events of its type. Nothing here raises: what fails falls back, and `complain` is told.

    `alert` names the alert in its id and in `inhibits`.
    """

    def __init__(self, rule: AlertRule, complain: Complain = nobody_hears) -> None:
        self.rule = rule
        self.alert = rule.alert or rule.name
        self._title = Part(rule.name, "title", rule.title, complain)
        self._body = Part(rule.name, "body", rule.body, complain)
        self._when = Part(rule.name, "when", rule.when, complain, ask=True) if rule.when.strip() else None
        self._fixed = next((one for one in URGENCIES if one == rule.urgency), None)
        self._urgency = None if self._fixed else Part(rule.name, "urgency", rule.urgency, complain, ask=True)
        fields = event_fields(rule.on)
        self._labels = tuple((label, field) for label, field in FIELDS_OF_LABELS.items() if field in fields)
        self._is_outage = "outage_id" in fields

    def audiences(self, event: Event) -> tuple[str, ...]:
        """See `audiences.named_by`."""
        return audiences.named_by(self.rule.to, event)

    def step(self, number: int, event: Event) -> tuple[str, ...]:
        """Whom the escalation's step calls, counted from 1."""
        return audiences.named_by(self.rule.steps[number - 1].to, event)

    def wanted(self, event: Event) -> bool:
        """Whether the rule's condition holds; where that cannot be told, it does."""
        return self._when is None or self._when.of(event, bool) is not False

    def urgency(self, event: Event) -> Urgency:
        if self._fixed is not None or self._urgency is None:
            return self._fixed or IN_DOUBT
        said: Urgency | None = self._urgency.of(event, _urgency)
        return said or IN_DOUBT

    def title(self, event: Event) -> str:
        """At most 200 characters; where the template fails, the rule and what it is about."""
        return cut(self._title.of(event, str) or self._plainly(event), LONGEST_TITLE)

    def body(self, event: Event) -> str:
        """At most 500 characters."""
        said: str | None = self._body.of(event, str)
        return cut(self._plainly(event) if said is None else said, LONGEST_BODY)

    def labels(self, event: Event) -> dict[str, str]:
        """What silences and subscriptions go by; only those that the event has."""
        labels = {"rule": self.rule.name, "urgency": self.urgency(event)}
        for label, field in self._labels:
            if found := getattr(event, field, None):
                labels[label] = str(found)
        if self._is_outage and "number" in labels:
            labels["outage"] = labels["number"]
        return labels

    def group_key(self, event: Event) -> Key | None:
        """What events of one alert share; None where every event is an alert of its own."""
        group = self.rule.group
        return tuple(_plain(getattr(event, field, None)) for field in group) if group else None

    def inhibited(self, event: Event) -> Sequence[tuple[str, Key]]:
        """Alerts, by name and group key, that this one outweighs."""
        key = self.group_key(event)
        return [(name, key) for name in self.rule.inhibits] if key is not None else []

    def _plainly(self, event: Event) -> str:
        return f"{self.rule.name}: {getattr(event, 'number', '') or event.correlation_id}"


class Rulebook:
    """All rules by the type of their event. It says always the same; a saved rule makes another book."""

    def __init__(self, rules: Iterable[AlertRule], complain: Complain = nobody_hears) -> None:
        self._complain = complain
        self._saved: dict[str, Compiled] = {}
        self._put({rule.name: Compiled(rule, complain) for rule in rules})

    def _put(self, compiled: dict[str, Compiled]) -> None:
        self._by_name = compiled
        by_type: dict[str, list[Compiled]] = {}
        for one in compiled.values():
            if one.rule.enabled and one.rule.on:
                by_type.setdefault(one.rule.on, []).append(one)
        self._by_type = {type_: tuple(rules) for type_, rules in by_type.items()}

    def matching(self, event: Event) -> Sequence[Compiled]:
        """The enabled rules for events of this type; their `wanted` says whether for this one."""
        return self._by_type.get(event.type, ())

    def named(self, name: str) -> Compiled | None:
        """Also one without an event, or one that is switched off."""
        return self._by_name.get(name)

    def rules(self) -> tuple[AlertRule, ...]:
        return tuple(one.rule for one in self._by_name.values())

    def with_rules(self, saved: Iterable[AlertRule]) -> "Rulebook":
        """A book in which each of `saved` stands in for the one of its name, or beside the others.

        One that was in the last such book as it is now is not compiled again: this is asked for with every change.
        """
        self._saved = {rule.name: self._compiled(rule) for rule in saved}
        book = Rulebook((), self._complain)
        book._put({**self._by_name, **self._saved})
        return book

    def _compiled(self, rule: AlertRule) -> Compiled:
        had = self._saved.get(rule.name)
        return had if had is not None and had.rule == rule else Compiled(rule, self._complain)


def event_fields(type_: str) -> Mapping[str, Any]:
    """The fields of events of this type, none where there is no such event."""
    model = EVENTS.get(type_)
    return model.model_fields if model is not None else {}


def _plain(fact: object) -> str:
    return "" if fact is None else str(fact)


def _urgency(said: object) -> Urgency:
    """Raises ValueError."""
    for one in URGENCIES:
        if one == said:
            return one
    raise ValueError("no urgency")
