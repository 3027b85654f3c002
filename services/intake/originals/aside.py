"""What is set aside of a message before it is masked: the words as they came, to be kept encrypted.

Only where masking or cleaning changed something beyond spaces at the ends: most messages leave nothing behind.
"""

import msgspec

from chassis.personal.masking import mask, mask_id
from contracts.channel import ChannelMessage, Sender
from services.intake.text.plain import normalise


class Original(msgspec.Struct, frozen=True, omit_defaults=True):
    """A message as it came: what the case shows masked."""

    text: str
    sender_id: str
    sender_name: str = ""
    conversation_id: str = ""
    subject: str = ""
    quote: str = ""


def original_of(message: ChannelMessage, text: str, sender: Sender) -> str | None:
    """The original as JSON; None where `text` and the masked `sender` say the same as the message does."""
    same = (
        sender is message.sender
        and (text == message.text or not message.text or text == message.text.strip())
        and mask_id(message.conversation_id) == message.conversation_id
        and (not message.subject or _same(message.subject))
        and (message.quote is None or _same(message.quote.text))
    )
    return None if same else _written(message)


def read(sealed: str) -> Original:
    return msgspec.json.decode(sealed, type=Original)


def _same(text: str) -> bool:
    return mask(normalise(text)) == text.strip()


def _written(message: ChannelMessage) -> str:
    original = Original(
        text=message.text,
        sender_id=message.sender.id,
        sender_name=message.sender.name,
        conversation_id=message.conversation_id,
        subject=message.subject,
        quote=message.quote.text if message.quote else "",
    )
    return msgspec.json.encode(original).decode()
