"""Two lists become one: nothing is lost, and what both put first is first."""

from hypothesis import given
from hypothesis import strategies as st

from services.knowledge.semantic.fusion import Fused, fuse

_lists = st.dictionaries(st.integers(0, 30), st.floats(-100, 100), max_size=12).map(
    lambda d: sorted(d.items(), key=lambda hit: -hit[1])
)
_Ranked = list[tuple[int, float]]


@given(words=_lists, meaning=_lists)
def test_has_each_hit_of_both_once_and_the_best_first(words: _Ranked, meaning: _Ranked) -> None:
    fused = fuse(words, meaning)
    ids = [id_ for id_, _ in fused]
    assert sorted(ids) == sorted({id_ for id_, _ in words + meaning})
    scores = [hit.score for _, hit in fused]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= value <= 1 for _, hit in fused for value in hit)


@given(words=_lists)
def test_words_alone_keep_their_order(words: _Ranked) -> None:
    assert [id_ for id_, _ in fuse(words, [])] == [id_ for id_, _ in words]
    assert [id_ for id_, _ in fuse([], words)] == [id_ for id_, _ in words]


@given(words=_lists, meaning=_lists, factor=st.sampled_from([2.0, 8.0]))
def test_what_a_list_counts_in_does_not_matter(words: _Ranked, meaning: _Ranked, factor: float) -> None:
    scaled = [(id_, score * factor) for id_, score in words]
    assert [id_ for id_, _ in fuse(scaled, meaning)] == [id_ for id_, _ in fuse(words, meaning)]


def test_says_why() -> None:
    fused = dict(fuse([("a", 9.0), ("b", 3.0), ("c", 1.0)], [("b", 0.9), ("d", 0.8), ("e", 0.1)]))
    assert fused["b"] == Fused(0.7, 0.25, 1.0)
    assert [fused[id_].means_it for id_ in "abde"] == [False, True, True, False]
