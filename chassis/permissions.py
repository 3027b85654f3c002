"""What each user of the broker may publish and hear, from `contracts/topology.py`. The server's file is made of it.

Users are the services, an adapter for each channel, and `ops`, who provisions and looks after the streams. What is not
named here is refused by the server. A denial outweighs what is allowed.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from contracts.channel import CHANNELS
from contracts.topology import AMONG, DURABLES, LIVE, QUERIES, READ, STREAMS, Stream, durables_of, matches

OPS: Final = "ops"
ADAPTER: Final = "adapter-"
SERVICES: Final = tuple(dict.fromkeys(durable.service for durable in DURABLES))
USERS: Final = (OPS, *SERVICES, *(f"{ADAPTER}{channel}" for channel in CHANNELS))
_CONSUMER: Final = "$JS.API.CONSUMER"


class Allowed(NamedTuple):
    """Subjects; `never` is denied to publish though a pattern of `publish` covers it."""

    publish: tuple[str, ...]
    subscribe: tuple[str, ...]
    never: tuple[str, ...] = ()


def inbox_of(user: str) -> str:
    """The prefix of a user's answers; nobody else hears below it."""
    return f"_INBOX.{user}"


def allowed(user: str) -> Allowed:
    """Raises LookupError for who is no user."""
    if user not in USERS:
        raise LookupError(f"{user!r} is no user of the broker: add it to contracts/topology.py")
    if user == OPS:
        return Allowed((">",), (f"{inbox_of(OPS)}.>", *(subject for stream in STREAMS for subject in stream.subjects)))
    if user.startswith(ADAPTER):
        return _adapter(user, user.removeprefix(ADAPTER))
    return Allowed(tuple(dict.fromkeys(_published(user))), tuple(_heard(user)), tuple(_others(user)))


def written(user: str, stream: Stream) -> tuple[str, ...]:
    """The subjects of `stream` that a service may write to."""
    if user not in stream.publishers:
        return ()
    if stream.name == "DEAD":
        return tuple(f"dead.{durable.stream}.{durable.name}" for durable in durables_of(user))
    if stream.crossing is None:
        return stream.subjects
    own = [subject for durable in durables_of(user) if durable.stream == stream.name for subject in durable.filters]
    timers = [f"timer.{subject.removeprefix('due.')}.>" for subject in own if stream.schedules]
    return tuple(dict.fromkeys((*own, *timers, *stream.crossing.get(user, ()))))


def _adapter(user: str, channel: str) -> Allowed:
    """Its messages and receipts; the replies of its channel, by one durable that it makes itself and no other."""
    replies = f"channel.out.{channel}"
    return Allowed(
        (
            f"channel.in.{channel}",
            f"channel.receipt.{channel}",
            f"{_CONSUMER}.CREATE.CHANNEL.{user}.{replies}",
            *_taking("CHANNEL", user),
        ),
        (f"{inbox_of(user)}.>", replies),
    )


def _published(service: str) -> Iterator[str]:
    for stream in STREAMS:
        yield from written(service, stream)
    for durable in durables_of(service):
        yield from _taking(durable.stream, durable.name)
    for name in READ.get(service, ()):
        yield from _reading(name)
    for name in _kept(service):
        yield from _keeping(name)
    yield from (*QUERIES.get(service, ()), *AMONG.get(service, ()))
    yield from (f"{inbox_of(user)}.>" for user in USERS if user in (service, OPS) or _asks(user, service))


def _heard(service: str) -> Iterator[str]:
    yield from (f"{inbox_of(service)}.>", f"{service}.query.*", *LIVE.get(service, ()), *AMONG.get(service, ()))
    yield from (f"{name.lower()}.>" for name in _kept(service))  # news of what is queued, whatever its urgency


def _kept(service: str) -> tuple[str, ...]:
    return tuple(stream.name for stream in STREAMS if stream.work_queue and service in stream.publishers)


def _asks(user: str, service: str) -> bool:
    """Queries, and commands of another's, whose outcome is told to who waits for it."""
    crossing = [subject for stream in STREAMS for subject in (stream.crossing or {}).get(user, ())]
    heard = [pattern for d in durables_of(service) if d.stream == "COMMAND" for pattern in d.filters]
    asked = any(query.startswith(f"{service}.") for query in QUERIES.get(user, ()))
    return asked or any(matches(pattern, subject) for pattern in heard for subject in crossing)


def _taking(stream: str, consumer: str) -> tuple[str, ...]:
    """With this a durable's messages are fetched, acknowledged and counted."""
    return (
        f"{_CONSUMER}.MSG.NEXT.{stream}.{consumer}",
        f"{_CONSUMER}.INFO.{stream}.{consumer}",
        f"$JS.ACK.{stream}.{consumer}.>",
    )


def _reading(stream: str) -> tuple[str, ...]:
    """With this a stream is read by consumers that go away by themselves; the client chooses their names."""
    return (
        f"$JS.API.STREAM.INFO.{stream}",
        f"{_CONSUMER}.CREATE.{stream}",
        *(f"{_CONSUMER}.{verb}.{stream}.*" for verb in ("CREATE", "INFO", "DELETE", "MSG.NEXT")),
        f"$JS.FC.{stream}.>",
    )


def _keeping(stream: str) -> tuple[str, ...]:
    """With this a work queue's durables are made, and its messages taken."""
    return (
        *_reading(stream),
        f"{_CONSUMER}.DURABLE.CREATE.{stream}.*",
        f"{_CONSUMER}.LIST.{stream}",
        f"$JS.ACK.{stream}.>",
        f"dead.{stream}.*",
    )


def _others(service: str) -> Iterator[str]:
    """The durables of others on the streams that it reads: not its own to fetch from, to change, to remove."""
    for durable in DURABLES:
        if durable.service != service and durable.stream in READ.get(service, ()):
            yield from (f"{_CONSUMER}.{verb}.{durable.stream}.{durable.name}" for verb in ("*", "MSG.NEXT"))
