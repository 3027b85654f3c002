"""The fold of articles: whatever the order, repetitions and batches, every case ends with its latest solution."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.aggregate import Folded
from chassis.loop import Loop
from chassis.message import Delivery, Message, Moment, decode
from chassis.outgoing import Outgoing
from chassis.store import Document
from contracts.case import CaseResolved
from contracts.knowledge import ArticleEvent, ArticleProposed
from services.knowledge.articles.fold import Likeness, fold
from services.knowledge.articles.model import Article, article_id_of
from tests.unit.knowledge.articles import NOON, case_id, resolved


class Delivered:
    """One delivery of an event."""

    headers: Mapping[str, str] = {}
    subject, deliveries, sequence = "case.resolved", 1, 1

    def __init__(self, event: CaseResolved) -> None:
        self.data = event.model_dump_json().encode()

    async def ack(self) -> None: ...
    async def nak(self, delay_s: float) -> None:
        raise AssertionError("nothing is handed back")


class Memory:
    """The store and the outbox of the loop, in memory."""

    def __init__(self) -> None:
        self.documents: dict[UUID, Document[Article]] = {}
        self.published: list[Outgoing] = []

    async def locate(self, messages: Sequence[Message]) -> list[Document[Article]]:
        bodies = [m.body for m in messages if isinstance(m.body, CaseResolved)]
        return [self.documents.setdefault(i, Document(i)) for i in (article_id_of(b.case_id) for b in bodies)]

    async def acknowledge(self, deliveries: Sequence[Delivery]) -> None:
        for delivery in deliveries:
            await delivery.ack()

    async def save(self, documents: Sequence[Document[Article]]) -> set[UUID]:
        for d in documents:
            self.documents[d.id] = Document(d.id, d.state, d.version, d.causes)
        return set()

    async def history(self, id_: UUID) -> list[str]:
        return []

    async def publish(self, outgoing: Sequence[Outgoing]) -> None:
        self.published.extend(outgoing)

    async def reply(self, inbox: str, body: bytes) -> None: ...
    async def fetch(self, most: int, wait_s: float) -> list[Delivered]:
        return []


EVENTS = [resolved(case, version) for case in (1, 2) for version in (3, 6, 9)]


@st.composite
def batches(draw: st.DrawFn) -> list[list[CaseResolved]]:
    """All events in any order, some of them again, cut anywhere."""
    events = draw(st.permutations(EVENTS + draw(st.lists(st.sampled_from(EVENTS), max_size=6))))
    cuts = sorted(draw(st.sets(st.integers(1, len(events) - 1), max_size=4)))
    return [events[a:b] for a, b in zip([0, *cuts], [*cuts, len(events)], strict=True)]


@given(batches())
async def test_order_repetition_and_batches_do_not_matter(dealt: list[list[CaseResolved]]) -> None:
    memory = Memory()
    loop = Loop("knowledge-case", Folded(fold), memory, memory, memory, clock=lambda: NOON)
    for batch in dealt:
        await loop.handle([Delivered(event) for event in batch])
    states = {i: d.state for i, d in memory.documents.items()}
    assert {i: _matter(a) for i, a in states.items()} == {
        article_id_of(case_id(c)): _matter(_folded(resolved(c, 9))) for c in (1, 2)
    }
    assert len({out.id for out in memory.published}) == len(memory.published)
    assert [out.subject for out in memory.published].count("knowledge.drafted") == 2


def test_the_first_resolution_drafts_and_a_later_one_revises() -> None:
    article, first = fold(None, _moment(resolved(version=3), 0))
    article, second = fold(article, _moment(resolved(version=6), 1))
    assert [e.type for e in (*first, *second)] == ["knowledge.drafted", "knowledge.revised"]
    assert isinstance(second[0], ArticleEvent)
    assert (article.facts["answer"], article.state, second[0].version) == ("方案6", "draft", 2)


def test_an_older_resolution_that_arrives_late_changes_nothing() -> None:
    article, _ = fold(None, _moment(resolved(version=6), 0))
    assert fold(article, _moment(resolved(version=3), 1)) == (article, [])


def test_the_same_resolution_of_a_reopened_case_says_nothing() -> None:
    article, _ = fold(None, _moment(resolved(version=3), 0))
    later, said = fold(article, _moment(resolved(version=9, resolution="方案3"), 1))
    assert (later.case_version, later.facts, said) == (9, article.facts, [])


def test_what_is_like_another_article_is_proposed_for_merging() -> None:
    moment = _moment(resolved(), 0)
    moment.message.hint = Likeness(UUID(int=5), 0.9)
    article, [said] = fold(None, moment)
    assert isinstance(said, ArticleProposed)
    assert (article.state, article.like, said.like, said.likeness) == ("proposed", UUID(int=5), UUID(int=5), 0.9)


@pytest.mark.parametrize("facts", [{"institution_code": "H43010000001"}, {}])
def test_the_institution_of_the_case_stands_in_for_one_that_the_text_does_not_name(facts: dict[str, Any]) -> None:
    article, _ = fold(None, _moment(resolved(**facts), 0))
    assert article.facts["findings"]["institution_code"] == facts.get("institution_code")


def _folded(event: CaseResolved) -> Article:
    return fold(None, _moment(event, 0))[0]


def _matter(article: Article | None) -> tuple[Any, ...]:
    """All but how many resolutions were heard on the way."""
    assert article is not None
    return article.number, article.state, article.facts, article.case_id, article.case_version, article.sources


def _moment(event: CaseResolved, version: int) -> Moment:
    return Moment(NOON, decode(Delivered(event), NOON), article_id_of(event.case_id), version)
