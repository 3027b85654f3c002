"""What people set about their alerts (通知设置): rules, recipients with preferences, silences, templates."""

from typing import Annotated, Any, Literal, Self

from pydantic import AwareDatetime, Field, model_validator

from contracts.delivery import Provider
from contracts.envelope import Command, Contract, Event, Key
from contracts.notify import Urgency

SettingKind = Literal["rule", "recipient", "silence", "template"]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,59}$")]
Label = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Clock24 = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
Source = Annotated[str, Field(max_length=4_000)]
"""A Jinja2 template, or with `when` a Jinja2 expression."""


class Matcher(Contract):
    """Whether an alert's label has one of `values`; with `unless` whether it has none of them."""

    label: Label
    values: Annotated[tuple[Annotated[str, Field(max_length=200)], ...], Field(min_length=1, max_length=200)]
    unless: bool = False


class Step(Contract):
    """Who is told when nobody has acknowledged `after_min` minutes after the alert."""

    after_min: Annotated[float, Field(gt=0, le=10_080)]
    to: Annotated[tuple[Key, ...], Field(min_length=1, max_length=50)]


class AlertRule(Contract):
    """Which event makes an alert, for whom, how urgent and in which words (通知规则).

    `on` is the event's type. `to` are audiences: desk, lead, contact, assignee, resident, remote, requester, targets,
    experts, institution, contract, staff:<id>, group names. `urgency` is one of four, or an expression. Events that
    share the values of `group` are one alert that counts up, also those of different rules that name the same `alert`
    (empty: the rule's own name). `inhibits` names alerts that need not go out any more where they have the same `group`
    values. With `again` each event of a group rings again; otherwise only who was not told yet is. `steps` are the
    people who are called one after the other until somebody acknowledges; `repeat` is how often all steps begin anew.
    `must_deliver` outweighs what people prefer: quiet hours, digests, `at_least` of an endpoint and their `at_most`.
    """

    name: Name
    alert: Annotated[str, Field(pattern=r"^([a-z][a-z0-9_]{0,59})?$")] = ""
    on: Annotated[str, Field(max_length=100)]
    when: Source = ""
    to: Annotated[tuple[Key, ...], Field(min_length=1, max_length=50)]
    urgency: Annotated[str, Field(max_length=500)] = "normal"
    title: Source
    body: Source = ""
    template: str = ""
    group: Annotated[tuple[Label, ...], Field(max_length=10)] = ()
    again: bool = False
    inhibits: Annotated[tuple[Name, ...], Field(max_length=20)] = ()
    steps: Annotated[tuple[Step, ...], Field(max_length=20)] = ()
    repeat: Annotated[int, Field(ge=0, le=100)] = 0
    must_deliver: bool = False
    expires_h: Annotated[float, Field(gt=0, le=720)] = 24.0
    external: bool = True
    """False keeps it in the inbox: nobody's telephone rings for it."""
    enabled: bool = True


class Endpoint(Contract):
    """Where a person is reached by a provider. `sealed` is the address, encrypted (base64); `shown` is it masked.

    Without `sealed` it is the address that the directory has (sms, e-mail), or the provider knows itself where to send,
    as a group's robot does. Only alerts that are `at_least` so urgent go this way.
    """

    provider: Provider
    sealed: Annotated[str, Field(max_length=8_000)] = ""
    shown: Annotated[str, Field(max_length=200)] = ""
    at_least: Urgency = "low"


class Quiet(Contract):
    """Quiet hours (免打扰), in Beijing: from `begins` to `ends`, over midnight where that is earlier; with `calendar`
    also whenever that calendar of business hours is closed.
    """

    begins: Clock24 | None = None
    ends: Clock24 | None = None
    calendar: Annotated[str, Field(max_length=100)] = ""

    @model_validator(mode="after")
    def _says_when(self) -> Self:
        if (self.begins is None) != (self.ends is None) or (self.begins is None and not self.calendar):
            raise ValueError("quiet hours need a begin and an end, or a calendar")
        if self.begins is not None and self.begins == self.ends:
            raise ValueError("quiet hours that begin when they end are none, or all day")
        return self


class Subscription(Contract):
    """Alerts that somebody wants besides those that are meant for them anyway; everything given must fit."""

    rules: Annotated[tuple[Name, ...], Field(max_length=100)] = ()
    at_least: Urgency = "low"
    labels: Annotated[tuple[Matcher, ...], Field(max_length=20)] = ()


class Recipient(Contract):
    """A person or a group (收件人) and what they prefer. `key`: staff:<id>, contact:<id>, institution:<code>, or a name
    such as desk or lead, for a group's robot. `endpoints` in the order in which they are tried.

    Alerts up to the urgency `digest` come once a day, at `digest_at`. `at_most` is how many messages in ten minutes: at
    least three, for two of them are the digests of what is over it.
    """

    key: Annotated[str, Field(pattern=r"^[^\s]{1,200}$")]
    name: Annotated[str, Field(max_length=100)] = ""
    endpoints: Annotated[tuple[Endpoint, ...], Field(max_length=20)] = ()
    quiet: Quiet | None = None
    digest: Urgency | None = None
    digest_at: Clock24 = "08:30"
    at_most: Annotated[int, Field(ge=3, le=100_000)] | None = None
    subscriptions: Annotated[tuple[Subscription, ...], Field(max_length=50)] = ()


class Silence(Contract):
    """Planned maintenance (静默): alerts whose labels fit all matchers go to the inbox only, until it ends."""

    id: Key
    matchers: Annotated[tuple[Matcher, ...], Field(min_length=1, max_length=20)]
    begins: AwareDatetime
    ends: AwareDatetime
    reason: Annotated[str, Field(min_length=1, max_length=500)]

    @model_validator(mode="after")
    def _ends_later(self) -> Self:
        if self.ends <= self.begins:
            raise ValueError("a silence ends after it begins")
        return self


class MessageTemplate(Contract):
    """How an alert reads on a kind of provider (`for_kinds`, all where empty); rules name it (消息模板)."""

    name: Name
    for_kinds: tuple[Annotated[str, Field(max_length=40)], ...] = ()
    title: Source = "{{ title }}"
    body: Source


class SettingSaved(Event):
    """A setting as it is now; exactly one of the four is set, as `kind` says."""

    type: Literal["setting.saved"] = "setting.saved"
    kind: SettingKind
    key: Key
    rule: AlertRule | None = None
    recipient: Recipient | None = None
    silence: Silence | None = None
    template: MessageTemplate | None = None


class SettingRemoved(Event):
    type: Literal["setting.removed"] = "setting.removed"
    kind: SettingKind
    key: Key
    reason: str = ""


class SaveSetting(Command):
    """Create or replace a setting; exactly one of the four is set. `expected_version` 0: only when there is none."""

    type: Literal["setting.command.save"] = "setting.command.save"
    rule: AlertRule | None = None
    recipient: Recipient | None = None
    silence: Silence | None = None
    template: MessageTemplate | None = None
    expected_version: Annotated[int, Field(ge=0)] | None = None

    @property
    def named(self) -> tuple[SettingKind, str, Any] | None:
        """Kind, key and body of the one that is set; None when it is none or several."""
        bodies: list[tuple[SettingKind, str, Any]] = []
        if self.rule:
            bodies.append(("rule", self.rule.name, self.rule))
        if self.recipient:
            bodies.append(("recipient", self.recipient.key, self.recipient))
        if self.silence:
            bodies.append(("silence", self.silence.id, self.silence))
        if self.template:
            bodies.append(("template", self.template.name, self.template))
        return bodies[0] if len(bodies) == 1 else None


class RemoveSetting(Command):
    type: Literal["setting.command.remove"] = "setting.command.remove"
    kind: SettingKind
    key: Key
    reason: Annotated[str, Field(max_length=500)] = ""
    expected_version: Annotated[int, Field(ge=0)] | None = None
