"""The whole system as one AsyncAPI 3 document, said by FastStream from the topology and the contracts."""

from typing import Any

from faststream.nats import NatsBroker
from faststream.specification import AsyncAPI

from contracts.registry import SUBJECTS
from contracts.topology import DURABLES, STREAMS, matches


def asyncapi() -> dict[str, Any]:
    """Every subject with its stream and model as something sent; every durable's filters as something received."""
    broker = NatsBroker("nats://127.0.0.1:4222")
    for stream in STREAMS:
        for subject, model in SUBJECTS.items():
            if any(matches(pattern, subject) for pattern in stream.subjects):
                described = f"Stream {stream.name}; published by {', '.join(stream.publishers)}. {model.__doc__ or ''}"
                broker.publisher(subject, schema=model, title=subject, description=described.strip())
    for durable in DURABLES:
        for subject, model in SUBJECTS.items():
            if any(matches(pattern, subject) for pattern in durable.filters):
                _receive(broker, f"{durable.name} {subject}", subject, model, f"Durable {durable.name}")
    document: dict[str, Any] = (
        AsyncAPI(
            broker,
            title="Yibao Desk 医保服务台",
            version="0.1.0",
            description="Events, commands and timers of the desk.",
        )
        .to_specification()
        .to_jsonable()
    )
    return document


def _receive(broker: NatsBroker, title: str, subject: str, model: type[Any], description: str) -> None:
    def handler(body: Any) -> None: ...

    handler.__annotations__ = {"body": model, "return": None}
    handler.__name__ = title.replace(" ", "_").replace(".", "_").replace("-", "_")
    broker.subscriber(subject, title=title, description=description)(handler)
