"""Telephone calls (来电): what a switch reports, what an agent notes, and what becomes a message. Pure.

Events of one call may come twice and in any order, so each only adds what it knows: a call is the sum of them.
"""

from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Any, Literal, NamedTuple

from contracts.channel import Call, ChannelMessage
from services.intake.channels.reading import BadPayload, institution_of, message_of, needed, object_of, when, word

_KINDS: dict[str, str] = {
    "ring": "rang_at", "ringing": "rang_at", "answer": "answered_at", "answered": "answered_at",
    "hangup": "ended_at", "hang-up": "ended_at", "end": "ended_at",
}  # fmt: skip
_LONGEST_URL, _LONGEST_ID = 2_000, 120


class Heard(NamedTuple):
    """What one event adds; `number` is the other side's, as the switch shows it."""

    call_id: str
    number: str = ""
    direction: Literal["in", "out"] = "in"
    rang_at: datetime | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    recording: str = ""
    agent: str = ""


class Note(NamedTuple):
    """What an agent typed; `name` and `institution` are the caller's."""

    text: str
    name: str = ""
    institution: str | None = None


def parse_call(payload: object) -> Heard:
    """One event of the switch, `ring`, `answer` or `hangup`; a hang-up may carry all times. Raises BadPayload."""
    fields = object_of(payload)
    event = word(fields, "event").lower()
    if event not in _KINDS:
        raise BadPayload("event 应为 ring, answer 或 hangup: 请检查话务系统的设置")
    heard = _known(call_id_of(needed(fields, "call_id")), fields)
    if (happened := when(fields, "at")) and getattr(heard, _KINDS[event]) is None:
        heard = heard._replace(**{_KINDS[event]: happened})  # type: ignore[arg-type]
    if getattr(heard, _KINDS[event]) is None:
        raise BadPayload("缺少字段 at: 请带上事件发生的时间")
    return heard


def call_id_of(value: str) -> str:
    """The switch's id of a call, fit for an address. Raises BadPayload when it is too long to be one."""
    if not 0 < len(value) <= _LONGEST_ID:
        raise BadPayload(f"call_id 应为 1 至 {_LONGEST_ID} 个字符: 请检查话务系统的设置")
    return value.replace("/", "_")  # or nobody could open /calls/<id>/note


def parse_note(call_id: str, payload: object) -> tuple[Note, Heard]:
    """A note, and what it says about the call where no switch reports calls. Raises BadPayload."""
    fields = object_of(payload)
    code, text = institution_of(word(fields, "institution"), needed(fields, "text"))
    return Note(text, word(fields, "name")[:100], code), _known(call_id_of(call_id), fields)


def message_of_call(heard: Heard, note: Note, recorded_at: datetime, caller: str) -> ChannelMessage:
    """The note as one message that happened when the call did. Raises BadPayload. `caller` stands for the number."""
    rang_at = _begun(heard)
    return message_of(
        message_id=f"call:{heard.call_id}",
        channel="phone",
        conversation_id=caller,
        sender={"id": heard.number or caller, "name": note.name, "institution_code": note.institution},
        text=note.text,
        call=_call(heard, rang_at),
        occurred_at=heard.answered_at or rang_at,
        recorded_at=recorded_at,
    )


def message_of_missed(heard: Heard, caller: str, zone: tzinfo) -> ChannelMessage:
    """A call that nobody answered: somebody has to call back. Raises BadPayload."""
    rang_at = _begun(heard)
    ended_at = heard.ended_at or rang_at
    rang = max(0, round((ended_at - rang_at).total_seconds()))
    local = rang_at.astimezone(zone)
    return message_of(
        message_id=f"call:{heard.call_id}:missed",
        channel="phone",
        conversation_id=caller,
        sender={"id": heard.number or caller},
        text=f"未接来电：{local:%m月%d日 %H:%M:%S}，响铃 {rang} 秒，来电号码 {heard.number or '未显示'}，请回拨",
        call=_call(heard, rang_at),
        occurred_at=rang_at,
    )


def _known(call_id: str, fields: Mapping[str, Any]) -> Heard:
    out = word(fields, "direction").lower() in ("out", "outbound")
    return Heard(
        call_id,
        number=_number(word(fields, "callee" if out else "caller")),
        direction="out" if out else "in",
        rang_at=when(fields, "rang_at"),
        answered_at=when(fields, "answered_at"),
        ended_at=when(fields, "ended_at"),
        recording=word(fields, "recording")[:_LONGEST_URL],
        agent=word(fields, "agent")[:100],
    )


def _number(shown: str) -> str:
    """Switches write `anonymous` and the like where a number is hidden; all of those are not one caller."""
    return shown[:100] if any(character.isdecimal() for character in shown) else ""


def _begun(heard: Heard) -> datetime:
    times = [t for t in (heard.rang_at, heard.answered_at, heard.ended_at) if t]
    if not times:
        raise BadPayload("不知道来电的时间: 请在 rang_at 中填写")
    return min(times)


def _call(heard: Heard, rang_at: datetime) -> Call:
    return Call(
        direction=heard.direction,
        rang_at=rang_at,
        answered_at=heard.answered_at,
        ended_at=heard.ended_at,
        recording=heard.recording,
    )
