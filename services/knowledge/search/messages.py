"""Messages of the KNOWLEDGE stream, as the index reads them."""

from collections.abc import Iterable, Iterator

from nats.aio.msg import Msg
from nats.js import JetStreamContext
from pydantic import ValidationError

from chassis.logging import logger
from contracts.knowledge import ArticleEvent
from contracts.subjects import model_of

STREAM = "KNOWLEDGE"

log = logger(__name__)


class Lost(Exception):
    """The consumer is gone, or a message did not arrive: another consumer begins behind what was taken in."""


async def fetched(subscription: JetStreamContext.PullSubscription, most: int, wait_s: float) -> list[Msg]:
    """The next messages; none after a while in which nothing came.

    The client says that in two ways: it raises, or it returns an empty list where the server's own word that the
    request has expired is there before the client's clock has run out.
    """
    try:
        return await subscription.fetch(most, timeout=wait_s)
    except TimeoutError:
        return []


def events_of(messages: Iterable[Msg]) -> Iterator[ArticleEvent]:
    """Without what is no article: the index goes on without it."""
    for message in messages:
        model = model_of(message.subject)
        if model is None or not issubclass(model, ArticleEvent):
            continue
        try:
            yield model.model_validate_json(message.data)
        except ValidationError:
            log.warning("not an article", sequence=message.metadata.sequence.stream)
