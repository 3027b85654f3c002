"""Dead letters: the message byte for byte, with headers that say where it came from and why it could not go on."""

from urllib.parse import quote, unquote

from chassis.message import Delivery
from chassis.outgoing import Outgoing
from contracts.envelope import derive_id

SUBJECT, DURABLE, REASON = "Yibao-Subject", "Yibao-Durable", "Yibao-Reason"
DELIVERIES, SEQUENCE = "Yibao-Deliveries", "Yibao-Sequence"


def dead_letter(delivery: Delivery, durable: str, reason: str) -> Outgoing:
    """The dead letter of `delivery`; the same message buried twice has the same id and is stored once."""
    stream = stream_of_durable(durable)
    headers = {k: v for k, v in delivery.headers.items() if not k.startswith("Nats-")}
    headers |= {
        SUBJECT: delivery.subject,
        DURABLE: durable,
        REASON: encode(reason),
        DELIVERIES: str(delivery.deliveries),
        SEQUENCE: str(delivery.sequence),
    }
    id_ = str(derive_id("dead", durable, delivery.sequence))
    return Outgoing(f"dead.{stream}.{durable}", delivery.data, id_, headers)


def stream_of_durable(durable: str) -> str:
    """A durable is named `<service>-<stream>[-<part>]`, see `contracts.topology.Durable`."""
    return [*durable.split("-"), durable][1].upper()


def encode(text: str) -> str:
    """NATS headers are lines of text; Chinese goes in as percent-encoded UTF-8."""

    return quote(text[:500], safe=" :;,()[]{}=+-_./")


def decode(text: str) -> str:

    return unquote(text)
