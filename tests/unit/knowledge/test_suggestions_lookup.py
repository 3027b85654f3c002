"""What is looked up once for many cases, and what is not."""

import pytest

from chassis.position import Position
from services.knowledge.suggestions.lookup import Finder
from tests.unit.knowledge.advising import asked


class Looked:
    """An index that finds nothing and remembers what it was asked."""

    def __init__(self) -> None:
        self.position = Position(1, "stream", 7)
        self.texts: list[str] = []

    def like(self, text: str, *more: object) -> list:  # type: ignore[type-arg]
        self.texts.append(text)
        return []


@pytest.mark.parametrize(
    ("one", "other", "times"),
    [
        ("错误码5023怎么办", "错误码6034怎么办", 2),
        ("返回-1怎么办", "返回-2怎么办", 2),
        ("报错5023-1", "报错6034-1", 2),
        ("E5023怎么办", "E5024怎么办", 2),
        ("H42010100001结算超时 10:31:05", "H42010100002结算超时 10:32:59", 1),
        ("2026-11-22结算超时!", "2026年11月23日结算超时", 1),
        ("结算超时13812345678", "结算超时, 13912345678", 1),
    ],
)
async def test_cases_that_differ_in_time_or_place_alone_are_looked_up_once(one: str, other: str, times: int) -> None:
    index = Looked()
    finder = Finder(index, {}, _level)  # type: ignore[arg-type]
    await finder.hints([asked(one), asked(other)])
    assert len(index.texts) == times


async def test_another_stream_is_looked_up_anew_though_it_is_as_long() -> None:
    index = Looked()
    finder = Finder(index, {}, _level)  # type: ignore[arg-type]
    await finder.hints([asked()])
    index.position = Position(1, "another", 7)
    await finder.hints([asked()])
    assert len(index.texts) == 2


async def _level() -> None: ...
