"""What people type into forms: a question on the web, a record of a visit on site. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from contracts.channel import Attachment, ChannelMessage
from contracts.envelope import derive_id
from services.intake.channels.reading import BadPayload, institution_of, message_of, needed, object_of, when, word
from services.intake.text.plain import normalise

_LONGEST_NAME, _LONGEST_CONTACT, _LONGEST_SUBJECT, _LONGEST_KEY = 100, 200, 500, 100
_CLOCKS_DIFFER = timedelta(minutes=5)


class WebForm(NamedTuple):
    """A question from the web; `contact` is where the person wants to be answered."""

    text: str
    name: str = ""
    contact: str = ""
    institution: str | None = None
    subject: str = ""
    key: str = ""


class VisitRecord(NamedTuple):
    """A visit on site as the engineer typed it."""

    text: str
    place: str
    whom: str
    arrived_at: datetime
    left_at: datetime | None = None
    institution: str | None = None


def parse_form(fields: Mapping[str, Any]) -> WebForm:
    """The fields of a form, JSON or multipart. Raises BadPayload. Whether it says anything shows with its files."""
    text, name, contact, subject = (word(fields, f) for f in ("text", "name", "contact", "subject"))
    text = text if normalise(text) else ""
    institution = word(fields, "institution")
    _short("name", name, _LONGEST_NAME)
    _short("contact", contact, _LONGEST_CONTACT)
    _short("subject", subject, _LONGEST_SUBJECT)
    code, text = institution_of(institution, text)
    key = word(fields, "form_id")
    _short("form_id", key, _LONGEST_KEY)
    return WebForm(text, name, contact, code, subject, key)


def message_of_form(
    form: WebForm, message_id: str, person: str, attachments: Sequence[Attachment], now: datetime
) -> ChannelMessage:
    """Raises BadPayload. `person` stands for the contact, which may be a phone number."""
    if not (form.text or form.subject or attachments):
        raise BadPayload("没有写问题: 请填写 text, 或附上文件")
    return message_of(
        message_id=message_id,
        channel="web",
        conversation_id=person,
        sender={"id": person, "name": form.name, "institution_code": form.institution},
        subject=form.subject,
        text=form.text or form.subject,
        attachments=tuple(attachments),
        occurred_at=now,
    )


def parse_visit(payload: object, now: datetime) -> VisitRecord:
    """Raises BadPayload when the visit lies ahead, ends before it begins or lacks a field."""
    fields = object_of(payload)
    arrived_at, left_at = when(fields, "arrived_at"), when(fields, "left_at")
    if arrived_at is None:
        raise BadPayload("缺少字段 arrived_at: 请填写到达时间")
    if arrived_at > now + _CLOCKS_DIFFER:
        raise BadPayload("到达时间 arrived_at 在将来: 请核对")
    if left_at is not None and left_at < arrived_at:
        raise BadPayload("离开时间 left_at 早于到达时间: 请核对")
    place, whom = needed(fields, "place"), word(fields, "whom")
    _short("place", place, 200)
    _short("whom", whom, _LONGEST_NAME)
    code, text = institution_of(word(fields, "institution"), needed(fields, "text"))
    return VisitRecord(text, place, whom, arrived_at, left_at, code)


def message_of_visit(visit: VisitRecord, staff: str, person: str, now: datetime) -> ChannelMessage:
    """Raises BadPayload. The same record typed again is the same message; other words are another one."""
    return message_of(
        message_id=f"visit:{derive_id('visit', staff, visit.place, visit.arrived_at, visit.whom, visit.text).hex}",
        channel="onsite",
        conversation_id=person,
        sender={"id": person, "name": visit.whom, "institution_code": visit.institution},
        text=visit.text,
        visit={"place": visit.place, "arrived_at": visit.arrived_at, "left_at": visit.left_at},
        occurred_at=visit.arrived_at,
        recorded_at=now,
    )


def _short(name: str, value: str, longest: int) -> None:
    if len(value) > longest:
        raise BadPayload(f"字段 {name} 过长: 最多 {longest} 个字符")
