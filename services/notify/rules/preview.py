"""What a rule or a template would say, before it is saved: of a sample, or of an event that somebody gives."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any, Final

from pydantic import ValidationError

from contracts.envelope import Event
from contracts.registry import EVENTS
from contracts.setting import AlertRule, MessageTemplate
from services.notify.providers.letters import letter_of
from services.notify.rules.problems import problems_of, problems_of_template
from services.notify.rules.rulebook import Compiled
from services.notify.rules.samples import message, sample
from services.notify.transports.port import Format, Letter, Sent

LINK: Final = "https://yibao.example/l/sample"


@dataclass
class Shown:
    """A transport that sends nothing; its limits are those of a kind of provider."""

    format: Format = "text"
    titled: bool = False
    most_characters: int = 0
    most_bytes: int = 0

    async def send(self, letter: Letter) -> Sent:
        raise NotImplementedError

    async def close(self) -> None: ...


KINDS: Final = {
    "text": Shown(),
    "markdown": Shown("markdown", most_bytes=4096),
    "html": Shown("html"),
    "sms": Shown(most_characters=200),
}


@dataclass
class Preview:
    """`problems` in Chinese; where there are some that keep it from being rendered, the rest is empty.

    `messages` by kind: text, markdown, html, sms, each with title, body and html.
    """

    problems: list[str]
    title: str = ""
    body: str = ""
    urgency: str = ""
    wanted: bool = True
    audiences: list[str] = field(default_factory=list)
    labels: dict[str, str] = field(default_factory=dict)
    messages: dict[str, dict[str, str]] = field(default_factory=dict)


def preview(rule: AlertRule, facts: dict[str, Any] | None = None, groups: Collection[str] = ()) -> Preview:
    """`facts` are an event as JSON, or some of its facts in place of those of the sample."""
    problems = problems_of(rule, groups)
    if problems:
        return Preview(problems)
    if not rule.on:
        return Preview([], rule.title, rule.body, rule.urgency, True, list(rule.to))
    event, why = _event(rule.on, facts or {})
    return Preview([why]) if event is None else _of_event(rule, event)


def preview_of_template(template: MessageTemplate, facts: dict[str, Any] | None = None) -> Preview:
    """`facts`: title, body, urgency, number, count in place of those of the sample."""
    if problems := problems_of_template(template):
        return Preview(problems)
    try:
        handover = message(**(facts or {}))
    except ValidationError as error:
        return Preview([_wrong(error)])
    failed: list[str] = []
    messages = _messages(failed, template, **handover.model_dump())
    first = next(iter(messages.values()), {"title": "", "body": ""})
    return Preview(failed, first["title"], first["body"], handover.urgency, messages=messages)


def _of_event(rule: AlertRule, event: Event) -> Preview:
    failed: list[str] = []
    one = Compiled(rule, lambda _, part, why: failed.append(f"{part}: 用此样例事件渲染时出错 ({why})"))
    shown = Preview(
        [], one.title(event), one.body(event), one.urgency(event), one.wanted(event), list(one.audiences(event)),
        one.labels(event),
    )  # fmt: skip
    number = getattr(event, "number", "")
    shown.messages = _messages(
        failed, None, title=shown.title, body=shown.body, urgency=shown.urgency, number=number, rule=rule.name, count=1
    )
    shown.problems = list(dict.fromkeys(failed))
    return shown


def _messages(failed: list[str], template: MessageTemplate | None, **facts: Any) -> dict[str, dict[str, str]]:
    """By kind, only those that the template is for."""
    handover, messages = message(**facts), {}
    for kind, transport in KINDS.items():

        def complain(_: str, part: str, why: str, kind: str = kind) -> None:
            failed.append(f"{part}: 用于 {kind} 时出错 ({why})")

        letter = letter_of(handover, "", transport, False, template, LINK, complain)
        messages[kind] = {"title": letter.title, "body": letter.body, "html": letter.html}
    return messages


def _event(type_: str, facts: dict[str, Any]) -> tuple[Event | None, str]:
    known = sample(type_)
    before = known.model_dump(mode="json") if known else {}
    try:
        return EVENTS[type_].model_validate({**before, **facts, "type": type_}), ""  # type: ignore[return-value]
    except ValidationError as error:
        return None, _wrong(error)


def _wrong(error: ValidationError) -> str:
    fields = ", ".join(dict.fromkeys(".".join(map(str, one["loc"])) for one in error.errors()))
    return f"样例事件不完整或有误: {fields}, 请对照 contracts/schemas 补全"
