"""The day as a script: `day.jsonl` says in order who writes what and what staff do, this module gives it types.

Ids get a prefix that is new for every play: a second play on the same data opens its own cases.
"""

import json
from datetime import UTC, datetime, timedelta
from importlib import resources
from typing import Any, Literal, NamedTuple

from pydantic import Field, TypeAdapter

from contracts.channel import Channel
from yibao.demo.line import Line
from yibao.demo.steps import Call, Directory, Expected, Form, OnDuty, Step, Widespread

Verb = Literal[
    "assign", "respond", "wait", "escalate", "chase", "resolve", "close", "reopen", "note", "categorise", "kind",
    "step", "merge", "reveal", "acknowledge",
]  # fmt: skip


class Say(Step):
    """Somebody writes. `talk` is the conversation; `planted` are the personal data that must not be stored.

    In a `group` many people talk; `role` is staff where a colleague does. `quotes` is the message that is answered.
    """

    say: str
    channel: Channel
    talk: str
    sender: str
    name: str
    institution: str | None = None
    text: str
    expect: Expected
    minutes_ago: float = 0
    same_id_as: str | None = None
    group: bool = False
    role: Literal["requester", "staff"] = "requester"
    quotes: str | None = None
    planted: tuple[str, ...] = ()


class Broken(Step):
    """An adapter publishes a message without the field `missing`."""

    broken: str
    channel: Channel
    talk: str
    text: str
    missing: Literal["sender", "occurred_at", "conversation_id"]


class Do(Step):
    """A member of staff acts on the case of the message `case`, merges it into the case of `into`, reads the original
    of the message, or acknowledges its alert of the rule `alert`."""

    do: Verb
    case: str
    by: str
    body: dict[str, Any] = Field(default_factory=dict)
    into: str | None = None
    alert: str | None = None


class Until(Step):
    """Wait for the clock of a case."""

    until: str
    reached: Literal["warned", "breached"]


class Search(Step):
    search: str


Spoken = Say | Broken | Form | Call
AnyStep = Spoken | Do | Until | Search | Directory | OnDuty | Widespread
_STEP: TypeAdapter[AnyStep] = TypeAdapter(AnyStep)


class Play(NamedTuple):
    """One playing of a day; `id` goes before every message id and conversation id."""

    id: str

    @classmethod
    def starting(cls, at: datetime) -> "Play":
        return cls(f"demo-{int(at.timestamp() * 10):x}")

    def line(self, n: int, step: Say | Broken, now: datetime) -> Line:
        """What the channel's adapter publishes for this step."""
        key = step.same_id_as or step.say if isinstance(step, Say) else step.broken
        message: dict[str, Any] = {
            "message_id": f"{self.id}-{key}",
            "channel": step.channel,
            "conversation_id": f"{self.id}-{step.talk}",
            "sender": {"id": "web-form"},
            "text": step.text,
            "occurred_at": now.isoformat(),
        }
        if isinstance(step, Broken):
            del message[step.missing]
            return Line(n, step.channel, message["message_id"], encoded(message), "dead")
        message["sender"] = {
            "id": step.sender, "name": step.name, "institution_code": step.institution, "role": step.role,
        }  # fmt: skip
        message["group"] = step.group
        if step.quotes:
            message["quote"] = {"message_id": f"{self.id}-{step.quotes}"}
        if step.minutes_ago:
            message |= {
                "occurred_at": (now - timedelta(minutes=step.minutes_ago)).isoformat(),
                "recorded_at": now.isoformat(),
            }
        return Line(n, step.channel, message["message_id"], encoded(message), step.expect)


def encoded(message: dict[str, Any]) -> bytes:
    return json.dumps(message, ensure_ascii=False).encode()


def steps() -> list[AnyStep]:
    """The shipped day."""
    text = resources.files("yibao.demo").joinpath("day.jsonl").read_text(encoding="utf-8")
    return [_STEP.validate_json(line) for line in text.splitlines()]


def planted(day: list[AnyStep]) -> list[str]:
    """Every personal number that the day's messages carry, as digits."""
    return sorted({value for step in day if isinstance(step, Say | Form | Call) for value in step.planted})


def name_of(step: Spoken) -> str:
    """What other steps call a message by."""
    match step:
        case Say():
            return step.say
        case Broken():
            return step.broken
        case Form():
            return step.form
        case Call():
            return step.call


def now() -> datetime:
    return datetime.now(UTC)
