"""One provider as its workers share it: what goes wrong between the queue and the provider leaves nothing behind."""

from typing import Any

import pytest

from services.notify import metrics
from services.notify.providers.attempt import Outcome
from services.notify.providers.breaker import AFTER
from services.notify.providers.bucket import Unlimited
from services.notify.providers.way import Way


class Taken:
    data = b"{}"

    async def nak(self, after_s: float) -> None:
        raise ConnectionError("the queue is away as well")


class Queue:
    async def take(self) -> Any:
        return type("Taken", (), {"delivery": Taken()})


class Limit(Unlimited):
    """Its database is away while `away`."""

    away = True

    async def attempt(self) -> float:
        if self.away:
            raise TimeoutError("no database")
        return 0.0


def way_of(limit: Any) -> Any:
    unused: Any = None
    way: Any = Way("probing", Queue(), limit, unused, unused, object(), unused, unused, 10)  # type: ignore[arg-type]
    return way


async def test_a_probe_that_the_database_has_stopped_leaves_its_place_to_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    limit = Limit()
    way = way_of(limit)
    monkeypatch.setattr("services.notify.providers.breaker.pause_s", lambda openings: 0.0)
    for _ in range(AFTER):
        way.settle("send", False)
    with pytest.raises(TimeoutError):
        await way.next()
    limit.away = False
    assert (await way.next())[1] == "probe"
    assert (await way.next())[1] == "no"


async def test_a_pause_for_everybody_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    async def busy(*_: Any) -> Outcome:
        return Outcome("unavailable", "限流", 30.0, answered=True, busy_s=30.0)

    monkeypatch.setattr("services.notify.providers.attempt.attempt", busy)
    before = metrics.PROVIDER_PAUSES.labels("probing")._value.get()
    way = way_of(Unlimited())
    await way.sent(None, "send", False)
    assert metrics.PROVIDER_PAUSES.labels("probing")._value.get() == before + 1
    assert 29 < await way.limit.ready_in() <= 30
