"""Who may read what: for any articles and any reader, no way of asking tells of what that reader may not read."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chassis.chinese import is_single, normalise, tokens
from contracts.case import Findings
from contracts.knowledge import ArticleContent, ArticleEvent
from services.knowledge.audience import Viewer
from services.knowledge.search.index import ArticleIndex
from services.knowledge.search.model import Filters, Query, text_of
from tests.unit.knowledge.articles import article

WORDS = ("门诊结算", "异地备案", "目录对照", "签到失败", "2207", "门特", "生育津贴", "E10035", "清单上传")
TYPED = (*WORDS, "门诊结蒜", "生育进贴", "E10036", "异地", "门", "22", "门诊慢特病", "", "結算")
VIEWERS = ("engineers", "centre", "hospitals", "hospital:A1", "hospital:B2")
AUDIENCES = (*VIEWERS[:3], *VIEWERS[3:])
STATES = ("draft", "proposed", "in_review", "published", "needs_review", "retired", "merged")
TERMS = ("门诊慢特病", "异地备案", "生育津贴", "目录对照")


class Library(NamedTuple):
    events: list[ArticleEvent]
    viewer: Viewer


class Same:
    """门特 and 门诊慢特病 mean the same."""

    def expand(self, text: str) -> Sequence[tuple[str, Sequence[str]]]:
        return [("门特", ("门诊慢特病",))] if "门特" in text else []


@st.composite
def events(draw: st.DrawFn, case: int) -> ArticleEvent:
    """An article in any state: what readers see and what it becomes may be for others, and say other things."""
    text = "".join(draw(st.lists(st.sampled_from(WORDS), min_size=1, max_size=4)))
    state = draw(st.sampled_from(STATES))
    least = int(state in ("published", "needs_review"))
    live_revision = 0 if state in ("retired", "merged") else draw(st.integers(least, 2))
    event = article(
        case, text, state=state, revision=2, live_revision=live_revision, audience=draw(st.sampled_from(AUDIENCES)),
        findings=Findings(infno=draw(st.sampled_from([None, "2207"]))), keywords=(f"稿{case}",),
    )  # fmt: skip
    if live_revision != 1:
        return event
    said = "".join(draw(st.lists(st.sampled_from(WORDS), min_size=1, max_size=4)))
    audience = draw(st.sampled_from(AUDIENCES))
    live = ArticleContent(title=said, question=said, answer="", category="备案", audience=audience)
    return event.model_copy(update={"live": live})


@st.composite
def libraries(draw: st.DrawFn) -> Library:
    n = draw(st.integers(1, 6))
    return Library([draw(events(case)) for case in range(n)], Viewer(draw(st.sampled_from(VIEWERS))))


class EverythingIsNear:
    """A meaning that takes every article, whoever may read it, for like what is asked."""

    def __init__(self, index: ArticleIndex) -> None:
        self._index = index

    def nearest(self, text: str, limit: int) -> list[tuple[UUID, float]]:
        return [(id_, 1 / n) for n, id_ in enumerate(sorted(self._index.known()), 1)][:limit]


@pytest.fixture(scope="module", params=["words", "words and meaning"])
def index(request: pytest.FixtureRequest) -> Iterator[ArticleIndex]:
    with TemporaryDirectory() as folder:
        made = ArticleIndex(Path(folder), Same(), lambda: TERMS)
        made.open()
        if request.param == "words and meaning":
            made.meaning = EverythingIsNear(made)
        yield made
        made.close()


@given(libraries(), st.sampled_from(TYPED), st.sampled_from(TYPED))
@settings(max_examples=60, deadline=None)
def test_no_way_of_asking_tells_of_what_a_reader_may_not_read(
    index: ArticleIndex, library: Library, one: str, other: str
) -> None:
    index.restart("today")
    index.apply(library.events, 1)
    readable = {e.article_id: _readable_text(e) for e in library.events if _may_read(library.viewer, e)}
    filters, text = Filters(library.viewer), one + other
    found = index.search(Query(text, filters, 50))
    told = [hit.entry for hit in found.hits]
    told += [hit.entry for hit in index.search(Query("", filters, 50)).hits]
    told += [hit.entry for hit in index.like(text, Findings(infno="2207"), filters, 50)]
    told += (proposed := index.complete(one, filters, 20)).titles
    told += index.find([e.article_id for e in library.events], library.viewer)
    for entry in told:
        assert normalise(text_of(entry)) == readable[entry.article_id]
    assert found.total == len(found.hits) and len(index.search(Query("", filters, 50)).hits) == len(readable)
    known = _terms([*readable.values(), normalise(text)]) | _codes(library)
    for offered in (*proposed.terms, found.did_you_mean or ""):
        assert _terms([normalise(offered)]) <= known | _seams(offered, known), offered


@given(libraries(), st.sampled_from(TYPED))
@settings(max_examples=40, deadline=None)
def test_what_a_reader_may_not_read_changes_nothing_of_what_is_found(
    index: ArticleIndex, library: Library, text: str
) -> None:
    answers = []
    for told in (library.events, [e for e in library.events if _may_read(library.viewer, e)]):
        index.restart("today")
        index.apply(told, 1)
        found = index.search(Query(text, Filters(library.viewer), 50))
        completed = index.complete(text, Filters(library.viewer), 20)
        titles, terms = {e.title for e in completed.titles}, set(completed.terms)
        answers.append(({h.entry.article_id for h in found.hits}, found.total, found.words, titles, terms))
    assert answers[0] == answers[1]


def test_a_reader_is_not_told_that_what_they_read_is_being_changed(index: ArticleIndex) -> None:
    index.restart("today")
    index.apply([article(1, "门诊结算", state="draft", revision=2, live_revision=1, audience="hospitals")], 1)
    wanted = Filters(Viewer("hospitals"))
    assert index.search(Query("门诊", wanted._replace(state="draft"))).total == 0
    assert index.search(Query("门诊", wanted._replace(state="published"))).total == 1
    assert index.search(Query("门诊", Filters(Viewer("engineers"), state="draft"))).total == 1


def _may_read(viewer: Viewer, event: ArticleEvent) -> bool:
    """Said once more, in other words than the index says it."""
    if event.live_revision:
        return viewer.may_read((event.live or event).audience)
    return viewer.is_engineer and event.state != "retired"


def _readable_text(event: ArticleEvent) -> str:
    shown = (event.live or event) if event.live_revision else event
    parts = (shown.title, shown.question, shown.symptoms, shown.cause, shown.answer, " ".join(shown.keywords))
    return normalise("\n".join(parts))


def _terms(texts: Iterable[str]) -> set[str]:
    return {t for text in texts for t in tokens(text) if not is_single(t)}


def _codes(library: Library) -> set[str]:
    seen = [(e, (e.live or e) if e.live_revision else e) for e in library.events if _may_read(library.viewer, e)]
    return _terms(code for e, shown in seen for code in (e.number.lower(), shown.findings.infno or ""))


def _seams(offered: str, known: set[str]) -> set[str]:
    """Two characters that only meet where a corrected part meets what was typed."""
    pairs = (term for term in _terms([normalise(offered)]) if len(term) == len("结算"))
    return {pair for pair in pairs if all(any(c in word for word in known) for c in pair)}
