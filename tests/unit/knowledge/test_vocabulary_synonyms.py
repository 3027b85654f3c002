"""What a search looks for besides its own words."""

from datetime import UTC, datetime
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from chassis.chinese import normalise
from contracts.envelope import SYSTEM, derive_id
from contracts.vocabulary import SynonymsRemoved, SynonymsSaved
from services.knowledge.vocabulary.model import Shipped, key, shipped_id
from services.knowledge.vocabulary.shipped import shipped_groups
from services.knowledge.vocabulary.synonyms import Synonyms
from services.knowledge.vocabulary.terms import domain_terms

NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)
word = st.text("门特诊慢病冲正DRGdip12 ", min_size=2, max_size=6).map(str.strip).filter(lambda w: len(key(w)) > 1)
groups = st.lists(st.lists(word, min_size=2, max_size=5, unique_by=key), max_size=6)


def facts(group: object, version: int) -> dict[str, object]:
    id_ = derive_id("said", group, version)
    return {"id": id_, "cause_id": id_, "correlation_id": id_, "version": version, "occurred_at": NOON,
            "recorded_at": NOON, "actor": SYSTEM, "group_id": derive_id("group", group)}  # fmt: skip


def saved(group: object, *words: str, version: int = 1, **more: object) -> SynonymsSaved:
    return SynonymsSaved.model_validate({**facts(group, version), "words": words, **more})


def knowing(lists: list[list[str]]) -> Synonyms:
    synonyms = Synonyms()
    for number, words in enumerate(lists):
        synonyms.hear(saved(number, *words))
    return synonyms


@given(groups)
def test_expansion_is_symmetric_and_never_the_word_itself(lists: list[list[str]]) -> None:
    synonyms = knowing(lists)
    for word in {w for words in lists for w in words}:
        found = synonyms.expand(word)
        for one, others in found:
            assert key(one) not in set(map(key, others))
            for other in others:
                back = {key(b) for _, bs in synonyms.expand(other) for b in bs}
                assert key(one) in back


@given(groups, st.text("门特诊慢病冲正DRGdip12 ，", max_size=60))
def test_only_words_that_are_in_the_text_are_expanded_each_once(lists: list[list[str]], text: str) -> None:
    found = knowing(lists).expand(text)
    assert all(key(word) in normalise(text) for word, _ in found)
    assert len({key(word) for word, _ in found}) == len(found)


def test_where_words_overlap_the_longest_counts() -> None:
    synonyms = knowing([["门诊慢特病", "门特"], ["慢特病", "慢病"], ["门诊", "门急诊"]])
    assert [one for one, _ in synonyms.expand("门诊慢特病备案")] == ["门诊慢特病"]


def test_letters_are_compared_without_case_and_width_and_only_as_whole_words() -> None:
    synonyms = knowing([["DIP", "按病种分值"]])
    assert synonyms.expand("ｄｉｐ入组") == [("DIP", ("按病种分值",))]
    assert synonyms.expand("diploma") == [] and synonyms.expand("x_dip") == []


def test_ten_thousand_characters_are_read_and_what_is_behind_them_is_not() -> None:
    synonyms = Synonyms(shipped_groups())
    assert [w for w, _ in synonyms.expand("好" * 9_998 + "门特")] == ["门特"]
    assert synonyms.expand("好" * 10_000 + "门特") == []


def test_a_saved_group_takes_the_place_of_every_shipped_one_that_shares_a_word() -> None:
    shipped = {shipped_id(w[0]): Shipped(shipped_id(w[0]), w) for w in (("甲类", "甲等"), ("乙类", "乙等"))}
    synonyms = Synonyms(shipped)
    synonyms.hear(saved("new", "甲等", "乙等"))
    assert synonyms.expand("甲等") == [("甲等", ("乙等",))] and synonyms.expand("甲类") == []
    synonyms.hear(SynonymsRemoved.model_validate(facts("new", 2)))
    assert synonyms.expand("甲等") == [("甲等", ("甲类",))]


def test_a_removed_shipped_group_is_hidden_until_the_stream_is_another_one() -> None:
    id_ = shipped_id("冲正")
    synonyms = Synonyms(shipped_groups())
    synonyms.hear(SynonymsRemoved.model_validate({**facts("冲正", 1), "group_id": id_}))
    assert synonyms.expand("冲正") == []
    synonyms.forget()
    assert synonyms.expand("冲正") == [("冲正", ("冲正交易",))]


def test_an_older_event_that_comes_late_changes_nothing() -> None:
    synonyms = Synonyms()
    synonyms.hear(saved(1, "甲类", "甲等", version=2))
    synonyms.hear(saved(1, "甲类", "乙类", version=1))
    assert synonyms.expand("甲类") == [("甲类", ("甲等",))]


def test_what_ships_is_thirty_groups_without_a_word_in_two() -> None:
    words = [key(word) for group in shipped_groups().values() for word in group.words]
    assert len(shipped_groups()) >= 30 and len(words) == len(set(words))
    assert all(2 <= len(word) <= 40 for word in words)


def test_the_domain_s_terms_are_listed_once() -> None:
    terms = domain_terms()
    assert {"门诊结算", "职工基本医疗保险", "门诊慢特病", "门特", "冲正交易"} <= set(terms)
    assert len(terms) == len(set(terms)) and not [t for t in terms if t.startswith("#")]


def test_a_shipped_group_keeps_its_id_when_words_are_added() -> None:
    assert shipped_id("门诊慢特病") in shipped_groups()
    assert isinstance(shipped_id("门诊慢特病"), UUID)
