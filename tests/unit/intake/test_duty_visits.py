"""Visits on site: the order of their stages, their minutes, and what counts as an answer."""

from datetime import timedelta
from itertools import pairwise
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import Refused
from contracts.casework import Phase, VisitCase
from services.intake.duty.visits import visits_of
from services.intake.model import Case
from tests.chassis.folding import Folder
from tests.support.make import NOON, message
from tests.unit.intake.cases import desk, only, wish


def opened() -> Folder[Case]:
    cases = desk()
    cases.hear(message())
    return cases


def go(cases: Folder[Case], phase: str, at: int, engineer: str = "ma", **more: str) -> list[str]:
    command = wish(cases, VisitCase, at, engineer=engineer, phase=phase, **more)
    return [e.type for e in cases.hear(command, now=NOON + timedelta(minutes=at))]


def test_a_visit_shows_its_minutes_of_travel_and_on_site() -> None:
    cases = opened()
    for phase, at in (("planned", 0), ("departed", 10), ("arrived", 35), ("left", 95)):
        go(cases, phase, at, place="县人民医院信息科" if phase == "planned" else "")
    [visit] = visits_of(only(cases).visits)
    assert (visit.travel_minutes, visit.onsite_minutes, visit.place) == (25, 60, "县人民医院信息科")
    assert visit.left_at == (NOON + timedelta(minutes=95)).isoformat()


def test_a_stage_out_of_order_is_refused_and_the_next_one_named() -> None:
    cases = opened()
    with pytest.raises(Refused, match="请先登记“计划上门”或“出发”"):
        go(cases, "arrived", 1)
    go(cases, "departed", 2)
    with pytest.raises(Refused, match=r"上一步是“出发”.*请先登记“到达”"):
        go(cases, "left", 3)


def test_two_engineers_travel_each_in_their_own_order() -> None:
    cases = opened()
    for phase, at, engineer in (("departed", 1, "ma"), ("departed", 2, "li"), ("arrived", 11, "ma"),
                                ("arrived", 32, "li"), ("left", 40, "ma"), ("departed", 50, "ma")):  # fmt: skip
        go(cases, phase, at, engineer)
    visits = visits_of(only(cases).visits)
    assert [(v.engineer, v.travel_minutes, v.onsite_minutes) for v in visits] == [
        ("ma", 10, 29), ("li", 30, None), ("ma", None, None),
    ]  # fmt: skip


def test_a_note_on_arrival_is_an_answer_and_no_other_stage_is() -> None:
    cases = opened()
    assert go(cases, "departed", 1, note="出发") == ["case.visited"]
    assert go(cases, "arrived", 2, note="已到机房, 前置机网线松动") == ["case.visited", "case.responded"]
    case = only(cases)
    assert case.responded_at == NOON + timedelta(minutes=2) and case.replies == 0


def test_an_arrival_without_a_word_answers_nothing() -> None:
    cases = opened()
    go(cases, "departed", 1)
    assert go(cases, "arrived", 2) == ["case.visited"]
    assert only(cases).responded_at is None


def test_a_note_is_kept_without_personal_data() -> None:
    cases = opened()
    go(cases, "planned", 1, note="找值班 13912345678", place="信息科 13912345678")
    assert "13912345678" not in cases.said[-1].model_dump_json()


_ORDER = {"planned": ["departed"], "departed": ["arrived"], "arrived": ["left"], "left": ["planned", "departed"]}


@given(st.lists(st.sampled_from(get_args(Phase)), max_size=20))
def test_whatever_is_wished_the_stages_that_are_kept_are_in_order(phases: list[str]) -> None:
    cases = opened()
    refused = 0
    for at, phase in enumerate(phases):
        try:
            go(cases, phase, at)
        except Refused:
            refused += 1
    kept = [v.phase for v in only(cases).visits]
    assert len(kept) + refused == len(phases)
    assert not kept or kept[0] in ("planned", "departed")
    assert all(after in _ORDER[before] for before, after in pairwise(kept))
    assert sum(v.left_at is not None for v in visits_of(only(cases).visits)) == kept.count("left")
