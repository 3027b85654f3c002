"""One published message of a play, and what became of it: nothing that was published may be lost from sight."""

from collections.abc import Iterable, Mapping
from typing import Any, Literal, NamedTuple

from chassis.outgoing import Outgoing

MARK = "Yibao-Demo"
Fate = Literal["case", "addition", "duplicate", "resent", "response", "announcement", "dead", "unaccounted"]
FATES: dict[str, str] = {
    "case": "新建工单",
    "addition": "补充到工单",
    "duplicate": "重复内容",
    "resent": "同编号重发",
    "response": "同事在群里答复",
    "announcement": "同事在群里通知",
    "dead": "死信",
    "unaccounted": "下落不明",
}


class Line(NamedTuple):
    """`n` counts from 1 within a play; `message_id` is empty where the body is not even readable."""

    n: int
    channel: str
    message_id: str
    body: bytes
    expect: Fate | None = None

    def outgoing(self, play_id: str) -> Outgoing:
        """Marked, so that its dead letter can be told from others; the mark is its `Nats-Msg-Id` too, so that a
        message id that comes again reaches intake and is judged there."""
        mark = f"{play_id}:{self.n}"
        return Outgoing(f"channel.in.{self.channel}", self.body, mark, {MARK: mark})


class Fated(NamedTuple):
    """`case` is intake's answer about the message, None for a dead letter; `reason` is why it is dead."""

    line: Line
    fate: Fate
    case: dict[str, Any] | None = None
    reason: str = ""


Outcomes = Mapping[tuple[str, str], dict[str, Any]]


def fates(lines: Iterable[Line], outcomes: Outcomes, dead: Mapping[int, str]) -> list[Fated]:
    """What became of each line, from intake's answers by (channel, message id) and dead letters by line.

    Intake answers for a message id, so a line that carries an id for the second time is a resend unless it died.
    """
    told: set[tuple[str, str]] = set()
    result = []
    for line in lines:
        key = (line.channel, line.message_id)
        if line.n in dead:
            result.append(Fated(line, "dead", reason=dead[line.n]))
        elif (answer := outcomes.get(key)) is None:
            result.append(Fated(line, "unaccounted"))
        else:
            result.append(Fated(line, "resent" if key in told else answer["outcome"], answer))
            told.add(key)
    return result
