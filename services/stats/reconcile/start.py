"""Reconciliations, put together: their loop, and what tells the hospitals.

A fold says events and commands only, so the message is said by a durable that hears the events. It has no state: the
same event is the same message under the same id, and whoever hears it twice knows it.
"""

from collections.abc import Sequence
from typing import Final

from chassis.aggregate import Folded
from chassis.deadletter import dead_letter
from chassis.errors import Unacceptable
from chassis.hearing import hear
from chassis.http import now
from chassis.inbox import NatsDelivery, NatsInbox
from chassis.message import decode
from chassis.outgoing import Outgoing
from chassis.service import Service
from contracts.reconciliation import ReconciliationEvent
from contracts.topology import durables_of
from services.stats.reconcile.fold import fold
from services.stats.reconcile.messages import message_of
from services.stats.reconcile.store import Reconciliations

PART: Final = "telling"


def start_reconciliations(service: Service) -> Reconciliations:
    """Listen, and tell; the store is in the service's state for the routes."""
    store = service.state["reconciliations"] = Reconciliations(service.db)
    service.listen(Folded(fold), store, part="reconciliation")
    [durable] = [d for d in durables_of("stats") if d.stream == "RECONCILIATION" and d.part == PART]

    async def tell(deliveries: Sequence[NatsDelivery]) -> None:
        said = [out for delivery in deliveries if (out := _outgoing(delivery, durable.name)) is not None]
        await service.outbox.publish(said)

    service.background("reconciliation messages", hear(NatsInbox(service.nc, durable), tell))
    return store


def _outgoing(delivery: NatsDelivery, durable: str) -> Outgoing | None:
    try:
        event = decode(delivery, now()).body
    except Unacceptable as error:
        return dead_letter(delivery, durable, str(error))
    assert isinstance(event, ReconciliationEvent)
    if (message := message_of(event)) is None:
        return None
    return Outgoing(f"channel.in.{message.channel}", message.model_dump_json().encode(), message.dedupe_id)
