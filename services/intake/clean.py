"""What is stored of a channel message: plain, masked, and on a time that can be true."""

from datetime import datetime, timedelta

from chassis.message import Moment
from contracts.case import Why
from contracts.channel import Attachment, ChannelMessage, Sender
from contracts.envelope import Actor
from services.intake.around import Around
from services.intake.model import Line
from services.intake.text.masking import mask, mask_id
from services.intake.text.plain import cut, fingerprint, normalise

# Clocks of channels are wrong now and then; outside of this the desk's own time of receipt counts.
OLDEST, NEWEST = timedelta(days=31), timedelta(minutes=5)
JOINS: tuple[Why, ...] = ("quote", "grace", "thanks", "staff")  # reasons to join a case; the others open one


def line_of(message: ChannelMessage, moment: Moment, hint: Around) -> Line:
    """The message as a line of its case; the words that were masked or cut are set aside, to be kept encrypted."""
    text = text_of(message)
    if sealed := text != message.text and bool(message.text):
        moment.set_aside(message.text)
    at = time_of(message.occurred_at, moment.now)
    print_ = fingerprint_of(message, text)
    return Line(
        at,
        (message.message_id,),
        print_,
        text,
        why=hint.why if hint.why in JOINS else "open",
        staff=hint.staff,
        sealed=sealed,
    )


def text_of(message: ChannelMessage) -> str:
    """The text without what must not be stored; never empty."""
    return mask(cut(normalise(message.text))[0]) or "[附件]"


def fingerprint_of(message: ChannelMessage, text: str) -> str:
    """Two photos without a word are two messages, so what is attached counts as said."""
    return fingerprint("\n".join((text, *(a.url for a in message.attachments))))


def time_of(occurred_at: datetime, now: datetime) -> datetime:
    at = milliseconds(occurred_at)
    return at if now - OLDEST <= at <= now + NEWEST else now


def milliseconds(at: datetime) -> datetime:
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


def masked(sender: Sender) -> Sender:
    """The sender without personal data; the very same object where there is none."""
    id_, name = mask_id(sender.id), mask(sender.name)
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
