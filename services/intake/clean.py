"""What is stored of a channel message: plain, masked, and on a time that can be true."""

from datetime import datetime, timedelta

from chassis.message import Moment
from chassis.personal.masking import mask, mask_id
from contracts.case import Why
from contracts.channel import Attachment, ChannelMessage, Sender
from contracts.envelope import Actor
from services.intake.around import Around
from services.intake.model import Line
from services.intake.originals.aside import original_of
from services.intake.text.plain import cut, fingerprint, normalise
from services.intake.text.quoted import said, unquote

# Clocks of channels are wrong now and then; outside of this the desk's own time of receipt counts.
OLDEST, NEWEST = timedelta(days=31), timedelta(minutes=5)
JOINS: tuple[Why, ...] = ("quote", "grace", "thanks", "staff")  # reasons to join a case; the others open one
DEICTIC = 12  # fewer characters may only point at what they answer to


def line_of(message: ChannelMessage, moment: Moment, hint: Around, sender: Sender) -> Line:
    """The message as a line of its case; what was masked or cleaned away is set aside, to be kept encrypted.

    `sender` is the masked one.
    """
    text = text_of(message)
    if original := original_of(message, text, sender):
        moment.set_aside(original)
    return Line(
        hint.at or time_of(message.occurred_at, moment.now),
        (message.message_id,),
        fingerprint_of(message, text),
        _with_subject(message, text) if message.subject and hint.why not in ("open", *JOINS) else text,
        why=hint.why if hint.why in JOINS else "open",
        staff=hint.staff,
        sealed=original is not None,
    )


def text_of(message: ChannelMessage) -> str:
    """The text without what must not be stored; never empty."""
    return mask(cut(normalise(message.text))[0]) or "[附件]"


def _with_subject(message: ChannelMessage, text: str) -> str:
    """A case begins with its subject, which may say what the text leaves out; answers repeat it and do without."""
    subject = mask(normalise(message.subject))
    return text if not subject or subject in text else cut(f"{subject}\n{text}")[0]


def fingerprint_of(message: ChannelMessage, text: str) -> str:
    """The words without quote and stickers. Two photos without a word are two messages, so what is attached counts.

    A few words mean something only with what they answer to: 怎么处理 below two quotes is two questions.
    """
    words = said(text)
    if len(words) < DEICTIC and (quoted := _quoted(message, text)):
        words = f"{words}\n{quoted}"
    return fingerprint("\n".join((words, *(a.url for a in message.attachments))) if message.attachments else words)


def _quoted(message: ChannelMessage, text: str) -> str:
    if message.quote is not None:
        return message.quote.message_id or mask(normalise(message.quote.text))
    return unquote(text)[0]


def time_of(occurred_at: datetime, now: datetime) -> datetime:
    at = milliseconds(occurred_at)
    return at if now - OLDEST <= at <= now + NEWEST else now


def milliseconds(at: datetime) -> datetime:
    return at.replace(microsecond=at.microsecond // 1000 * 1000) if at.microsecond % 1000 else at


def masked(sender: Sender) -> Sender:
    """The sender without personal data; the very same object where there is none."""
    id_, name = mask_id(sender.id), mask_id(sender.name)
    if id_ == sender.id and name == sender.name:
        return sender
    return sender.model_copy(update={"id": id_, "name": name})


def attachments_of(message: ChannelMessage) -> tuple[Attachment, ...]:
    return tuple(a.model_copy(update={"name": mask(a.name)}) for a in message.attachments)


def actor_of(said_by: Actor, requester: Sender) -> Actor:
    """The requester as an actor: the message's own where masking changes nothing."""
    if said_by.id == requester.id and said_by.name == requester.name:
        return said_by
    return Actor(kind="requester", id=requester.id, name=requester.name)
