"""The fold: whatever the order, the repetitions and the batches, every case ends with its latest solution."""

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
from services.knowledge.fold import fold
from services.knowledge.model import Article, article_id_of
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
    assert states == {article_id_of(case_id(c)): _folded(resolved(c, 9)) for c in (1, 2)}
    assert len({out.id for out in memory.published}) == len(memory.published)
    assert [out.subject for out in memory.published].count("knowledge.published") == 2


def test_the_first_resolution_is_published_and_a_later_one_revises() -> None:
    article, first = fold(None, _moment(resolved(version=3), 0))
    article, second = fold(article, _moment(resolved(version=6), 1))
    assert [e.type for e in (*first, *second)] == ["knowledge.published", "knowledge.revised"]
    assert (article.answer, second[0].version) == ("方案6", 2)


def test_an_older_resolution_that_arrives_late_changes_nothing() -> None:
    article, _ = fold(None, _moment(resolved(version=6), 0))
    assert fold(article, _moment(resolved(version=3), 1)) == (article, [])


@pytest.mark.parametrize("facts", [{"institution_code": "H43010000001"}, {}])
def test_the_institution_of_the_case_stands_in_for_one_that_the_text_does_not_name(facts: dict[str, Any]) -> None:
    article, _ = fold(None, _moment(resolved(**facts), 0))
    assert article.found.institution_code == facts.get("institution_code")


def _folded(event: CaseResolved) -> Article:
    return fold(None, _moment(event, 0))[0]


def _moment(event: CaseResolved, version: int) -> Moment:
    return Moment(NOON, decode(Delivered(event), NOON), article_id_of(event.case_id), version)
