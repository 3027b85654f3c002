"""Delivering, put together: for each provider of the file its queue, limit, breaker, transport and workers.

What costs memory (HTTP client, vendors' modules) is loaded only where the file names a provider.
"""

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from chassis.health import measure_backlog
from chassis.service import Service
from services.notify.providers.bucket import COLLECTION, Bucket, Limit, Unlimited
from services.notify.providers.claims import Claims
from services.notify.providers.config import ProviderConfig
from services.notify.providers.gcra import pace_of
from services.notify.providers.queues import Queue, durables, provide, strangers
from services.notify.providers.receipts import ROUTES, Receipts

if TYPE_CHECKING:
    from services.notify.providers.attempt import AddressOf, LetterOf
    from services.notify.providers.way import Way
    from services.notify.transports.port import Transport

__all__ = ["ROUTES", "start_delivering"]
LEFTOVERS_S = 30.0
MEASURE_S = 5.0


async def start_delivering(
    service: Service, configs: Mapping[str, ProviderConfig], address_of: "AddressOf", letter_of: "LetterOf"
) -> "dict[str, Transport]":
    """Workers run until the service stops. Returns the transports by provider. Raises CannotStart for a bad provider.

    What an earlier file has left in the queues is looked after also where the file names no provider.
    """
    service.state["receipts"] = Receipts(service.db, service.outbox, {n: c.receipts for n, c in configs.items()})
    claims = Claims(service.nc, service.outbox)
    await claims.start()
    delivering = _Delivering(service, claims, address_of, letter_of)
    transports = {name: await delivering.begin(name, config) for name, config in configs.items()}
    service.every(LEFTOVERS_S, "former providers", lambda: delivering.clear_leftovers(transports))
    return transports


class _Delivering:
    """What all providers are made of."""

    def __init__(self, service: Service, claims: Claims, address_of: "AddressOf", letter_of: "LetterOf") -> None:
        self._service, self._claims = service, claims
        self._address_of, self._letter_of = address_of, letter_of

    async def begin(self, name: str, config: ProviderConfig) -> "Transport":
        from chassis.posting import client
        from services.notify.providers.build import build
        from services.notify.providers.worker import work_on

        await provide(self._service.js, name)
        transport = build(config, client())  # a client of its own: nobody waits for another's connections
        way = self._way(name, self._limit(name, config), transport, config.timeout_s)
        await way.queue.listen()
        self._service.background(f"{name} workers", work_on(way, config.workers))
        self._service.every(MEASURE_S, f"{name} queue", lambda: measure_backlog(self._service.js, durables(name)))
        return transport

    async def clear_leftovers(self, known: Collection[str]) -> None:
        """What an earlier file has left in queues that nobody reads any more."""
        if gone := await strangers(self._service.js, known):
            from services.notify.providers.gone import clear

            await clear(self._service.js, sorted(gone), lambda name: self._way(name, Unlimited(), None, 1.0))

    def _way(self, name: str, limit: Limit, transport: "Transport | None", timeout_s: float) -> "Way":
        from services.notify.providers.way import Way

        service = self._service
        queue = Queue(service.nc, service.js, name)
        return Way(
            name, queue, limit, self._claims, service.outbox, transport, self._address_of, self._letter_of, timeout_s
        )

    def _limit(self, name: str, config: ProviderConfig) -> Limit:
        if config.rate is None:
            return Unlimited()
        return Bucket(self._service.db[COLLECTION], name, pace_of(config.rate, config.per_s, config.burst))
