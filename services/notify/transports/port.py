"""What a transport is given and what it says: the one interface that all of them share."""

from dataclasses import dataclass
from typing import Literal, Protocol

from contracts.notify import Urgency

Format = Literal["text", "markdown", "html"]


@dataclass(frozen=True, slots=True)
class Letter:
    """One message, ready to be handed over: the words fit the transport's limit and its format.

    `id` is the same for every attempt of a delivery, so that a receiver can tell a repetition. `address` is in clear
    and must never be logged. `repeat`: an earlier attempt may have got through. `link` is where to read and
    acknowledge, with a token in it. `files` come along, by e-mail only: name, media type, content; one
    that `html` names as `cid:<name>` is shown inside it.
    """

    id: str
    alert_id: str
    recipient: str
    address: str
    urgency: Urgency
    title: str
    body: str
    link: str = ""
    repeat: bool = False
    files: tuple[tuple[str, str, bytes], ...] = ()
    html: str = ""


@dataclass(frozen=True, slots=True)
class Sent:
    """`provider_id` is the provider's own id of the message, by which its receipts name it; empty where it has none."""

    provider_id: str = ""


class Transport(Protocol):
    """One configured provider. `most_characters` and `most_bytes` (UTF-8) limit the body, 0 is no limit.

    A `titled` one shows title and link in places of their own, so that the body is the text alone.
    """

    format: Format
    titled: bool
    most_characters: int
    most_bytes: int

    async def send(self, letter: Letter) -> Sent:
        """Hand it over. Raises `chassis.posting.SendFailed`: Later (nothing was sent, wait `after_s`), Declined
        (never for this person), `unsure` (it may have been sent), `permanent`, or plain (nothing was sent).
        """
        ...
