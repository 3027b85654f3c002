"""One reader of the live inbox, and what is told out of the stream: nothing is passed over in between."""

from datetime import UTC, datetime
from typing import Any, cast
from uuid import UUID

import pytest

from services.notify.inbox.frame import Frame, Wish, text_of
from services.notify.inbox.past import FURTHEST, Past
from services.notify.inbox.reader import Reader
from services.notify.inbox.tail import _asks

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)


def frame(sequence: int) -> Frame:
    return Frame(
        sequence=sequence, name="alert", id=UUID(int=sequence), alert=UUID(int=sequence), audiences=frozenset({"desk"}),
        actor="system", recorded_at=NOW, stored_at=NOW, text=text_of("alert", sequence, b"{}"),
    )  # fmt: skip


class TooLate:
    """A bell that nobody hears in time, while in the last moment something comes."""

    def __init__(self, reader: Reader, *coming: Frame) -> None:
        self._reader, self._coming = reader, coming

    async def wait(self) -> None:
        coming, self._coming = self._coming, ()
        self._reader.waiting.extend(coming)
        raise TimeoutError


async def test_no_keep_alive_names_the_place_of_an_event_that_still_waits() -> None:
    reader = Reader(Wish(frozenset({"desk"})))
    reader.bell = cast(Any, TooLate(reader, frame(7)))
    told = reader.live(3, lambda: 7)
    assert await anext(told) == frame(7).text
    assert b"id: 7" in await anext(told), "now that it was told"


class Forgotten:
    """A stream that has nothing but the latest."""

    async def stream_info(self, name: str) -> Any:
        raise LookupError(name)


async def test_who_was_away_for_too_long_looks_again_instead_of_being_told_everything() -> None:
    past = Past(cast(Any, Forgotten()), cast(Any, None))
    past.begin(FURTHEST * 3)
    assert await past.is_elsewhere(FURTHEST * 2 - 1, FURTHEST * 3)
    with pytest.raises(LookupError):  # of a smaller gap the stream is asked
        await past.is_elsewhere(FURTHEST * 2, FURTHEST * 3)
    assert not await past.is_elsewhere(FURTHEST * 3, FURTHEST * 3 + 1)


class Control:
    def __init__(self, reply: str, **headers: str) -> None:
        self.reply, self.headers = reply, headers


def test_the_server_hears_that_there_is_room_when_it_asks_or_has_stopped() -> None:
    stalled = Control("", **{"Nats-Consumer-Stalled": "$JS.FC.NOTIFY.c.2"})
    batch = [Control("$JS.ACK.NOTIFY.c.1.1.1.1.0"), Control(""), Control("$JS.FC.NOTIFY.c.1"), stalled]
    assert _asks(cast(Any, batch)) == ["$JS.FC.NOTIFY.c.1", "$JS.FC.NOTIFY.c.2"]
