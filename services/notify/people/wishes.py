"""What people have set, in memory: recipients, silences, rules and templates, followed from SETTING. Pure."""

from bisect import bisect_right
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from chassis.latest import Latest
from contracts.envelope import Event
from contracts.notify import Urgency
from contracts.setting import (
    AlertRule,
    MessageTemplate,
    Recipient,
    SettingKind,
    SettingRemoved,
    SettingSaved,
    Silence,
    Subscription,
)
from services.notify.people.matching import fits, is_wanted

_ANY = ""  # subscriptions that name no rule


class Wishes:
    """Answers from memory."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Begin anew: the stream is another one now."""
        self._heard = Latest()
        self._bodies: dict[SettingKind, dict[str, Any]] = {"rule": {}, "recipient": {}, "silence": {}, "template": {}}
        self._subscriptions: dict[str, list[tuple[str, Subscription]]] = {}
        self._named: dict[str, dict[str, datetime]] = {}
        self._silences: list[Silence] = []

    def hear(self, event: Event) -> None:
        """Take in what the SETTING stream says; what is older than what is known changes nothing."""
        if not isinstance(event, SettingSaved | SettingRemoved):
            return
        if not self._heard.advance((event.kind, event.key), event.version):
            return
        self._bodies[event.kind].pop(event.key, None)
        if isinstance(event, SettingSaved) and (body := getattr(event, event.kind)) is not None:
            self._bodies[event.kind][event.key] = body
        if event.kind == "recipient":
            self._index_subscriptions()
            self._named[event.key] = self._named_since(event)
        elif event.kind == "silence":
            self._silences = sorted(self._bodies["silence"].values(), key=lambda s: (s.ends, s.id))

    def recipient(self, key: str) -> Recipient | None:
        found: Recipient | None = self._bodies["recipient"].get(key)
        return found

    def recipients(self) -> tuple[Recipient, ...]:
        """Everybody who has set something, by key."""
        return tuple(self._bodies["recipient"][key] for key in sorted(self._bodies["recipient"]))

    def rules(self) -> tuple[AlertRule, ...]:
        """Those that were saved, by name; they replace packaged ones of the same name."""
        return tuple(self._bodies["rule"][name] for name in sorted(self._bodies["rule"]))

    def templates(self) -> tuple[MessageTemplate, ...]:
        """Those that were saved, by name."""
        return tuple(self._bodies["template"][name] for name in sorted(self._bodies["template"]))

    def silenced(self, labels: Mapping[str, str], now: datetime) -> Silence | None:
        """The silence that holds now for such an alert; of several the one that ends first."""
        running = self._silences[bisect_right(self._silences, now, key=lambda s: s.ends) :]
        return next((s for s in running if s.begins <= now and fits(s.matchers, labels)), None)

    def subscribers(self, labels: Mapping[str, str], urgency: Urgency, rule: str) -> tuple[str, ...]:
        """The keys of those who want such alerts besides those whom they are meant for."""
        asked = (*self._subscriptions.get(rule, ()), *self._subscriptions.get(_ANY, ()))
        return tuple(dict.fromkeys(key for key, wish in asked if is_wanted(wish, labels, urgency, rule)))

    def named(self, rule: str) -> dict[str, datetime]:
        """The keys of those who have subscribed to this rule by its name, with the time since when they have."""
        return {key: since[rule] for key, since in sorted(self._named.items()) if rule in since}

    def _named_since(self, event: SettingSaved | SettingRemoved) -> dict[str, datetime]:
        before, wished = self._named.get(event.key, {}), self.recipient(event.key)
        rules = {rule for s in (wished.subscriptions if wished else ()) for rule in s.rules}
        # Whoever changes something else has been a subscriber all along.
        return {rule: before.get(rule, event.recorded_at) for rule in rules}

    def _index_subscriptions(self) -> None:
        self._subscriptions = {}
        for key in sorted(self._bodies["recipient"]):
            for wish in self._bodies["recipient"][key].subscriptions:
                for rule in wish.rules or (_ANY,):
                    self._subscriptions.setdefault(rule, []).append((key, wish))
