"""What a loop publishes: events and timers, as bytes with an id, ready for any broker."""

from datetime import datetime
from typing import NamedTuple

from contracts.envelope import Command, Contract

NO_HEADERS: dict[str, str] = {}
FIRED_KEPT = "168h"  # a fired timer is looked at within the second; pending ones are kept without limit


class Outgoing(NamedTuple):
    """`id` becomes `Nats-Msg-Id`: publishing the same id again within the dedupe window stores nothing."""

    subject: str
    body: bytes
    id: str | None = None
    headers: dict[str, str] = NO_HEADERS


class Timer(NamedTuple):
    """Wake `service` at `at` with `body` on `due.<service>`. A later timer of the same key replaces this one."""

    service: str
    key: str
    at: datetime
    body: Contract


def from_command(command: Command) -> Outgoing:
    """A wish of the system's own: who sends it again under the same id changes nothing."""
    return Outgoing(command.type, command.model_dump_json().encode(), str(command.id))


def from_timer(timer: Timer) -> Outgoing:
    # No id: arming the same timer again must reach the server, which replaces by subject.
    headers = {
        "Nats-Schedule": f"@at {timer.at.isoformat().replace('+00:00', 'Z')}",
        "Nats-Schedule-Target": f"due.{timer.service}",
        "Nats-Schedule-TTL": FIRED_KEPT,
    }
    subject = f"timer.{timer.service}.{timer.key}"
    return Outgoing(subject, timer.body.model_dump_json().encode(), None, headers)
