"""Figures of a moment ago: counted once for all who ask the same, anew after a decision or some time."""

import asyncio
from typing import Any, cast

import msgspec
import pytest

from chassis.token import Principal
from services.sla.attainment import recent as module
from services.sla.attainment.asked import Asked, Filters, asked
from services.sla.attainment.reading import Source, among
from services.sla.attainment.recent import Counting, Recent
from services.sla.attainment.tally import By
from tests.unit.sla.events import at

HOSPITAL = Principal("yiyuan", "hospital", institutions=("H62010200001",))
DISTRICT = Principal("qu", "officer", districts=("6201",))
LEAD, OTHER = Principal("zhao", "lead"), Principal("wang", "engineer")


class Counter:
    """Stands for the source and its readings: how often somebody counted, after how long, with which decisions."""

    def __init__(self) -> None:
        self.counted: list[Asked] = []
        self.decided: Any = ()
        self.begun, self.may_end = asyncio.Event(), asyncio.Event()
        self.may_end.set()

    async def ask(self, wish: Asked) -> Any:
        return _Reading(self, wish, self.decided)


class _Told(msgspec.Struct):
    asked: Asked
    groups: dict[str, tuple[str, ...]]


class _Reading:
    def __init__(self, counter: Counter, wish: Asked, decided: Any) -> None:
        self.asked, self.decided, self._counter = wish, decided, counter

    async def report(self, *groupings: tuple[str, ...]) -> Any:
        self._counter.counted.append(self.asked)
        self._counter.begun.set()
        await self._counter.may_end.wait()
        return _Told(self.asked, {",".join(by): by for by in groupings})


def wish(minute: float, who: Principal = LEAD, **filters: str) -> Asked:
    return asked("2026-11", None, at(minute), Filters(**filters), who)


async def told(recent: Recent, question: Asked, *groupings: tuple[By, ...]) -> Any:
    return await recent.report(question, *groupings)


async def as_of(recent: Recent, question: Asked) -> Any:
    return (await told(recent, question)).asked.as_of


@pytest.fixture
def counter() -> Counter:
    return Counter()


@pytest.fixture
def recent(counter: Counter) -> Recent:
    return Recent(cast(Source, counter))


async def test_all_who_see_everything_share_one_count(counter: Counter, recent: Recent) -> None:
    found = await asyncio.gather(*(as_of(recent, wish(0, who)) for who in (LEAD, OTHER, LEAD)))
    assert found == [at(0)] * 3
    assert len(counter.counted) == 1


async def test_a_hospital_has_a_count_of_its_own(counter: Counter, recent: Recent) -> None:
    await recent.report(wish(0))
    assert (await told(recent, wish(0, HOSPITAL))).asked.who == HOSPITAL
    assert (await told(recent, wish(0, clock="resolution"))).asked.filters.clock == "resolution"
    assert len(counter.counted) == 3


async def test_one_count_serves_every_grouping_by_one_thing(counter: Counter, recent: Recent) -> None:
    assert (await told(recent, wish(0), ("institution",))).groups == {"institution": ("institution",)}
    assert (await told(recent, wish(0), ("clock",))).groups == {"clock": ("clock",)}
    assert (await told(recent, wish(0))).groups == {}
    assert len(counter.counted) == 1
    assert (await told(recent, wish(0), ("clock", "month"))).groups == {"clock,month": ("clock", "month")}
    assert len(counter.counted) == 2


async def test_what_is_old_is_told_with_its_moment_and_counted_anew_behind_the_answer(
    counter: Counter, recent: Recent
) -> None:
    await recent.report(wish(0))
    counter.may_end.clear()
    assert [await as_of(recent, wish(minute)) for minute in (1, 2)] == [at(0), at(0)]
    counter.may_end.set()
    await asyncio.gather(*(going.task for going in recent._counting.values()))
    assert await as_of(recent, wish(2)) == at(1)


async def test_what_was_decided_is_counted_before_the_answer(counter: Counter, recent: Recent) -> None:
    await recent.report(wish(0))
    counter.decided = ("an exemption",)
    assert await as_of(recent, wish(1)) == at(1)


async def test_a_decision_in_the_middle_of_a_count_is_in_the_answer(counter: Counter, recent: Recent) -> None:
    counter.may_end.clear()
    first = asyncio.create_task(as_of(recent, wish(0)))
    await counter.begun.wait()
    counter.decided = ("an exemption",)
    second = asyncio.create_task(as_of(recent, wish(1)))
    await asyncio.sleep(0)
    counter.may_end.set()
    assert await second == at(1)
    assert await first in (at(0), at(1))


async def test_a_long_count_goes_on_while_who_asked_is_told_to_come_again(
    counter: Counter, recent: Recent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_WAITS_S", 0)
    counter.may_end.clear()
    with pytest.raises(Counting, match="正在统计"):
        await recent.report(wish(0))
    counter.may_end.set()
    await asyncio.gather(*(going.task for going in recent._counting.values()))
    assert await as_of(recent, wish(0)) == at(0)
    assert len(counter.counted) == 1


def test_mongodb_leaves_out_only_cases_that_cannot_have_such_rows() -> None:
    about = "state.facts.about"
    assert among(wish(0)) == among(wish(0, institution="", clock="resolution")) == {}
    assert among(wish(0, institution="H1", contract="c")) == {
        "$and": [{f"{about}.institution": "H1"}, {f"{about}.contract": "c"}]
    }
    district = {"$regex": "^[A-Z](?:6201)"}
    assert among(wish(0, DISTRICT)) == {"$and": [{f"{about}.institution": district}]}
    asked_ = {"state.asked_from": {"$in": ["H62010200001"]}}
    assert among(wish(0, HOSPITAL)) == among(wish(0, HOSPITAL, institution="H1", contract="c")) == asked_
