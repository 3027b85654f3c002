"""Recipients with servers of their own: one that is dead, busy or rude is left alone, and nobody else is."""

import asyncio

import pytest

from chassis.posting import Declined, Later, SendFailed
from services.notify.providers.attempt import _judged
from services.notify.providers.breaker import AFTER
from services.notify.transports.origins import MOST, Origins

DEAD, ALIVE = "https://dead.example/a", "https://alive.example:8443/b"


async def sent(origins: Origins, url: str, error: Exception | None = None) -> bool:
    """Whether the server was asked. Raises what the sending raises."""
    asked = False
    try:
        async with origins.asking(url, 5.0):
            asked = True
            if error is not None:
                raise error
    except Later:
        if error is None:
            return asked
        raise
    return asked


async def failure(origins: Origins, url: str, error: SendFailed) -> SendFailed:
    with pytest.raises(SendFailed) as failed:
        await sent(origins, url, error)
    return failed.value


async def test_a_dead_server_is_left_alone_and_the_others_are_not() -> None:
    origins = Origins(several=True)
    for _ in range(AFTER):
        assert _judged(await failure(origins, DEAD, Later("连不上"))).answered
    assert not await sent(origins, DEAD)
    assert not await sent(origins, "https://DEAD.example/other")
    assert await sent(origins, ALIVE)


async def test_after_a_while_it_is_tried_once_and_then_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    origins, now = Origins(several=True), 1_000.0
    monkeypatch.setattr("services.notify.transports.origins.time.monotonic", lambda: now)
    for _ in range(AFTER):
        await failure(origins, DEAD, Later("连不上"))
    now += 5
    with pytest.raises(asyncio.CancelledError):
        await sent(origins, DEAD, asyncio.CancelledError())  # type: ignore[arg-type]
    assert await sent(origins, DEAD)
    assert await sent(origins, DEAD)
    assert not origins._breakers


async def test_who_asks_for_a_pause_gets_it_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    origins, now = Origins(several=True), 1_000.0
    monkeypatch.setattr("services.notify.transports.origins.time.monotonic", lambda: now)
    failed = await failure(origins, DEAD, Later("繁忙", 3_600))
    assert isinstance(failed, Later) and failed.for_one and failed.after_s == 3_600
    assert not _judged(failed).busy_s
    assert not await sent(origins, DEAD) and await sent(origins, ALIVE)
    now += 3_600
    assert await sent(origins, DEAD)


async def test_a_server_that_drips_for_ever_is_cut_off_and_counts_against_itself() -> None:
    origins = Origins(several=True)
    for _ in range(AFTER):
        with pytest.raises(Later) as failed:
            async with origins.asking(DEAD, 0.001):
                await asyncio.Event().wait()
        assert failed.value.for_one
    assert not await sent(origins, DEAD)


async def test_credentials_that_one_server_does_not_like_are_no_fault_of_the_provider() -> None:
    failed = await failure(Origins(several=True), DEAD, SendFailed("不认可凭证", permanent=True))
    assert isinstance(failed, Declined) and _judged(failed).answered


async def test_where_there_is_one_server_the_provider_s_own_breaker_does_it() -> None:
    origins = Origins(several=False)
    for _ in range(AFTER + 1):
        failed = await failure(origins, DEAD, Later("连不上"))
        assert isinstance(failed, Later) and not failed.for_one


async def test_a_thousand_servers_are_remembered_and_no_more() -> None:
    origins = Origins(several=True)
    for n in range(MOST + 50):
        await failure(origins, f"https://h{n}.example/", Later("连不上", float(n % 2)))
    assert len(origins._breakers) <= MOST and len(origins._pauses) <= MOST
