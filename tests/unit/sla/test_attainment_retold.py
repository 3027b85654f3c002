"""Obligations told once more from their events: the same items with the same outcomes as what is stored."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.envelope import Event
from contracts.obligation import FulfilObligation, ObligationEvent, ReopenObligation, WaiveObligation
from services.sla.attainment.asked import asked
from services.sla.attainment.comparing import other_duties
from services.sla.attainment.duties import duties
from services.sla.attainment.retold import retold
from tests.unit.sla.duties import A, B, at, due, opened, progress, wish
from tests.unit.sla.test_obligation_fold import words

NOVEMBER = asked("2026-11", None, at(2_000))


async def stream(said: Sequence[Event]) -> AsyncIterator[ObligationEvent]:
    for event in said:
        if isinstance(event, ObligationEvent):
            yield type(event).model_validate_json(event.model_dump_json())


@given(st.data())
@pytest.mark.asyncio
async def test_the_events_tell_what_is_stored_also_when_some_come_twice(data: st.DataObject) -> None:
    folder = opened()
    folder.hear(*data.draw(words()), now=at(1))
    folder.hear(due(1_000), now=at(1_000))
    stored = duties(folder.states.values(), NOVEMBER)
    said = [*folder.said, *data.draw(st.lists(st.sampled_from(folder.said)))]
    again = await retold(stream(said), NOVEMBER)
    assert other_duties(stored, again) == []
    assert len(again) == len(stored)


async def test_a_word_that_changes_nothing_now_still_counts_when_less_is_uploaded_later() -> None:
    folder = opened()
    folder.hear(progress(1, a=(4, 4)), wish(FulfilObligation, 2, items=(A,)), progress(3, a=(4, 9)))
    folder.hear(wish(WaiveObligation, 4, items=(B,), reason="停业"))
    folder.hear(wish(ReopenObligation, 5, items=(B,), reason="补录"))
    stored = duties(folder.states.values(), NOVEMBER)
    assert {duty.key: duty.outcome for duty in stored} == {A: "kept", B: "late"}
    assert other_duties(stored, await retold(stream(folder.said), NOVEMBER)) == []


async def test_what_somebody_changes_in_the_database_is_found() -> None:
    folder = opened()
    folder.hear(wish(FulfilObligation, 2))
    stored = duties(folder.states.values(), NOVEMBER)
    silent: list[Any] = [event for event in folder.said if event.type != "obligation.fulfilled"]
    different = other_duties(stored, await retold(stream(silent), NOVEMBER))
    assert {duty.key for duty in different} == {A, B}
