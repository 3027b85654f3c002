"""Who gets a new case."""

from collections import Counter
from random import Random
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.case import Category
from services.intake.duty.choose import Duty, Engineer, Facts, choose
from services.intake.duty.rules import BadRules, load_rules

RULES = load_rules()
CATEGORIES = get_args(Category)
HOSPITAL = "H62010290002"
CASE = Facts("目录", "normal", HOSPITAL)


def test_skills_come_first_then_the_institution_then_the_counter_then_the_lead() -> None:
    skilled = Engineer("a", skills=frozenset({"目录"}))
    posted = Engineer("b", place="resident", posted_at=frozenset({HOSPITAL}))
    lead = Engineer("c", lead=True)
    other = Engineer("d", place="resident", skills=frozenset({"月结"}))
    assert _who([skilled, posted, lead, other], CASE) == "a"
    assert _who([posted, lead, other], CASE) == "b"
    assert _who([lead, other], Facts("目录", "normal", HOSPITAL, channel="onsite")) == "d"
    assert _who([lead, other, Engineer("e")], Facts("目录", "urgent")) == "c"
    assert _who([other, Engineer("e")], CASE) == "e", "who has other skills comes after who takes everything"


def _who(people: list[Engineer], case: Facts) -> str:
    found = choose(people, case, {}, RULES)
    assert found is not None
    return found[0]


def test_the_reason_names_the_rule_and_the_load() -> None:
    skilled = Engineer("a", skills=frozenset({"目录"}), most=10)
    assert choose([skilled], CASE, {"a": 3}, RULES) == ("a", "擅长目录; 负荷最轻 (在办 3, 上限 10)")


def test_load_counts_relative_to_what_each_may_have() -> None:
    assert choose([Engineer("a", most=10), Engineer("b", most=40)], CASE, {"a": 4, "b": 8}, ()) is not None
    assert _loaded({"a": 4, "b": 8}) == "b"
    assert _loaded({"a": 1, "b": 8}) == "a"


def _loaded(load: dict[str, int]) -> str:
    found = choose([Engineer("a", most=10), Engineer("b", most=40)], CASE, load, ())
    assert found is not None
    return found[0]


def test_who_is_full_is_passed_over_until_everybody_is() -> None:
    people = [Engineer("a", skills=frozenset({"目录"}), most=2), Engineer("b", most=2)]
    assert choose(people, CASE, {"a": 2}, RULES) == ("b", "不限类别; 负荷最轻 (在办 0, 上限 2)")
    found = choose(people, CASE, {"a": 2, "b": 2}, RULES)
    assert found is not None and "均已达上限" in found[1]


def test_with_nobody_there_the_reason_says_so() -> None:
    assert Duty().choose("目录", "normal", None) is None
    assert "无人在岗" in Duty().reason


_people = st.lists(
    st.builds(
        Engineer,
        st.sampled_from("abcdef"),
        st.sampled_from(["resident", "remote"]),
        st.booleans(),
        st.frozensets(st.sampled_from(CATEGORIES), max_size=3),
        st.frozensets(st.just(HOSPITAL)),
        st.integers(1, 30),
    ),
    max_size=6,
    unique_by=lambda e: e.id,
)
_cases = st.builds(
    Facts,
    st.sampled_from(CATEGORIES),
    st.sampled_from(["urgent", "high", "normal", "low"]),
    st.sampled_from([None, HOSPITAL]),
    st.just("fault"),
    st.sampled_from(["wechat", "onsite"]),
)
_loads = st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 30))


@given(_people, _cases, _loads, st.integers(0, 300), st.randoms(use_true_random=False))
def test_the_choice_does_not_depend_on_the_order_of_people(
    people: list[Engineer], case: Facts, load: dict[str, int], turn: int, chance: Random
) -> None:
    first = choose(people, case, load, RULES, turn)
    chance.shuffle(people)
    assert choose(people, case, load, RULES, turn) == first
    assert (first is None) == (not people)
    if first is not None:
        assert first[0] in {e.id for e in people} and first[1]


@given(st.integers(1, 6), st.integers(0, 100))
def test_a_batch_is_spread_evenly_over_equals(n: int, start: int) -> None:
    people = tuple(Engineer(f"e{i}") for i in range(n))
    got = Counter(found[0] for turn in range(32) if (found := Duty(people, turn=turn).choose("目录", "normal", None)))
    assert sum(got.values()) == 32 and max(got.values()) - min(got.values()) <= 1


def test_a_wrong_file_of_rules_is_named(tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("rules") / "rules.yaml"
    path.write_text("- {prefer: tallest, because: 高}", encoding="utf-8")
    with pytest.raises(BadRules, match=r"rules\.yaml"):
        load_rules(path)
