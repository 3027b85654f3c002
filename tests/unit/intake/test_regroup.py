"""Merge, split and move: whatever people do with messages, each stays in exactly one case and can come back."""

from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chassis.errors import Refused
from contracts.casework import CaseMessagesMoved, CaseMessagesReceived, MergeCase, MoveMessages
from contracts.channel import Sender
from services.intake.model import Case
from tests.chassis.folding import Folder
from tests.support.make import message
from tests.unit.intake.cases import desk, wish

TEXTS = ("2207报错", "生育津贴怎么领", "对账不平", "目录对照失败", "医保码激活")


def two() -> tuple[Folder[Case], UUID, UUID]:
    """A case of three messages and one of two."""
    cases = desk()
    cases.hear(*(message(f"a{n}", TEXTS[n], conversation="a") for n in range(3)))
    cases.hear(*(message(f"b{n}", TEXTS[n + 3], conversation="b") for n in range(2)))
    a, b = cases.states
    return cases, a, b


def filled(facts: dict[str, Any], own: UUID) -> dict[str, Any]:
    return {k: v or own for k, v in facts.items()}


def held(cases: Folder[Case]) -> dict[UUID, list[str]]:
    return {i: [m for line in c.lines for m in line.message_ids] for i, c in cases.states.items()}


def test_a_merge_moves_everything_and_ends_the_case_that_is_empty_now() -> None:
    cases, a, b = two()
    said = cases.hear(wish(cases, MergeCase, case_id=a, into=b, reason="同一件事"))
    assert [e.type for e in said] == ["case.messages_moved", "case.closed", "case.messages_received"]
    assert sorted(held(cases)[b]) == ["a0", "a1", "a2", "b0", "b1"]
    assert (cases.states[a].status, cases.states[a].merged_into, held(cases)[a]) == ("closed", b, [])


def test_a_merge_is_undone_by_moving_the_messages_back() -> None:
    cases, a, b = two()
    before = {i: (c.lines, c.title, c.category, c.found) for i, c in cases.states.items()}
    cases.hear(wish(cases, MergeCase, case_id=a, into=b))
    cases.hear(wish(cases, MoveMessages, 1, case_id=b, message_ids=("a0", "a1", "a2"), to=a))
    assert {i: sorted(ids) for i, ids in held(cases).items()} == {a: ["a0", "a1", "a2"], b: ["b0", "b1"]}
    assert {i: (c.title, c.category, c.found) for i, c in cases.states.items()} == {i: x[1:] for i, x in before.items()}
    assert (cases.states[a].status, cases.states[a].current, cases.states[a].merged_into) == ("in_progress", True, None)


def test_messages_are_not_moved_to_the_case_that_has_them() -> None:
    cases, a, _ = two()
    with pytest.raises(Refused) as error:
        cases.hear(wish(cases, MoveMessages, case_id=a, message_ids=("a0", "a1", "a2"), to=a))
    assert error.value.code == "same_case"


def test_a_colleague_s_words_that_come_back_do_not_bring_a_merged_case_to_life() -> None:
    cases, a, b = two()
    colleague = Sender(id="wang", role="staff")
    cases.hear(message("a3", "我来看一下", conversation="a").model_copy(update={"sender": colleague}))
    cases.hear(wish(cases, MergeCase, case_id=a, into=b))
    cases.hear(wish(cases, MoveMessages, 1, case_id=b, message_ids=("a3",), to=a))
    assert held(cases)[a] == ["a3"]
    assert (cases.states[a].status, cases.states[a].current, cases.states[a].merged_into) == ("closed", False, None)


def test_a_split_opens_a_case_that_says_where_it_comes_from() -> None:
    cases, a, _ = two()
    said = cases.hear(wish(cases, MoveMessages, case_id=a, message_ids=("a1",), reason="另一个问题"))
    assert [e.type for e in said] == ["case.messages_moved", "case.opened"]
    moved = said[0]
    assert isinstance(moved, CaseMessagesMoved)
    new = cases.states[moved.to_case]
    assert (new.title, new.category, new.follows, new.why) == ("生育津贴怎么领", "生育津贴", a, "moved")
    assert held(cases)[a] == ["a0", "a2"]


def test_a_message_that_comes_again_after_its_move_changes_nothing() -> None:
    cases, a, _ = two()
    cases.hear(wish(cases, MoveMessages, case_id=a, message_ids=("a1",)))
    before = cases.states
    assert cases.hear(message("a1", TEXTS[1], conversation="a")) == []
    assert cases.states == before


@pytest.mark.parametrize(
    ("command", "facts", "code"),
    [
        (MergeCase, {"into": None}, "same_case"),
        (MoveMessages, {"message_ids": ("b0",)}, "not_in_case"),
        (MoveMessages, {"message_ids": ("a0", "a1", "a2")}, "nothing_left"),
    ],
)
def test_what_makes_no_sense_is_refused(command: Any, facts: dict[str, Any], code: str) -> None:
    cases, a, _ = two()
    with pytest.raises(Refused) as refused:
        cases.hear(wish(cases, command, case_id=a, **filled(facts, a)))
    assert refused.value.code == code


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_no_regrouping_loses_or_doubles_a_message(data: st.DataObject) -> None:
    cases, _, _ = two()
    for n in range(data.draw(st.integers(1, 6))):
        holding = {i: ids for i, ids in held(cases).items() if ids}
        source = data.draw(st.sampled_from(sorted(holding)))
        target = data.draw(st.sampled_from([None, *sorted(cases.states)]))
        some = data.draw(st.lists(st.sampled_from(holding[source]), min_size=1, unique=True))
        if target != source and (target or len(some) < len(holding[source])):
            cases.hear(wish(cases, MoveMessages, n, case_id=source, message_ids=tuple(some), to=target))
    assert sorted(m for ids in held(cases).values() for m in ids) == ["a0", "a1", "a2", "b0", "b1"]
    assert all(c.lines for c in cases.states.values() if c.status != "closed")
    assert all(isinstance(e.from_case, UUID) for e in cases.said if isinstance(e, CaseMessagesReceived))
