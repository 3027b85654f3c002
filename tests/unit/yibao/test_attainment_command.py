"""`yibao sla attainment --recompute`: what it shows is what it compared."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from msgspec.structs import replace

from services.sla.attainment.asked import Asked, asked
from services.sla.attainment.reading import Reading
from services.sla.attainment.row import Row
from tests.unit.sla.events import at, book, edition
from tests.unit.sla.test_attainment_sums import ROW, known, saved
from yibao.commands import attainment as command

LATE = replace(ROW, outcome="late")


class Read(Reading):
    """Of rows that are there."""

    def __init__(self, wish: Asked, there: list[Row]) -> None:
        super().__init__(wish, None, book(), known(saved()), [], [])  # type: ignore[arg-type]
        self._there = there

    async def all(self) -> list[Row]:
        return self._there


@pytest.mark.parametrize("then", [[LATE], [ROW]])
async def test_the_figures_above_are_those_that_were_compared(then: list[Row], monkeypatch: pytest.MonkeyPatch) -> None:
    readings = iter([[ROW], then])

    class Stored:
        def __init__(self, *_: Any) -> None: ...

        async def ask(self, wish: Asked) -> Reading:
            return Read(wish, next(readings))

    class Kept:
        def __init__(self, *_: Any) -> None: ...

        async def after(self, _: int) -> list[Any]:
            return [edition()]

    @asynccontextmanager
    async def servers(_: Any) -> AsyncIterator[tuple[None, None]]:
        yield None, None

    async def agreed(_: Any) -> Any:
        return known(saved())

    async def recomputed(*_: Any) -> list[Row]:
        return [LATE]

    async def redone(*_: Any) -> list[Any]:
        return []

    for name, fake in (("Source", Stored), ("Editions", Kept), ("servers", servers), ("agreed", agreed),
                       ("recomputed", recomputed), ("redone", redone)):  # fmt: skip
        monkeypatch.setattr(command, name, fake)
    read = await command._read(asked("2026-11", None, at(60)), True, lambda n: None)
    assert (read.rows, bool(read.differences)) == (then, then != [LATE])
    assert (read.report.total.late, read.report.total.kept) == ((1, 0) if then == [LATE] else (0, 1))
