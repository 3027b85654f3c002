"""Looking for what is alike: in a burst it takes a tenth of a core, and what it leaves out is compared later."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from chassis.outgoing import Outgoing
from chassis.store import Document
from contracts.knowledge import ArticleDrafted
from contracts.knowledge_work import ProposeMerge
from services.knowledge.articles.model import Article, article_id_of
from services.knowledge.articles.similar import LONGEST_S, Finder
from services.knowledge.articles.sweep import LAG, Sweep
from services.knowledge.search.model import Hit, entry_of
from tests.support.make import NOON
from tests.unit.knowledge.article_work import shelf
from tests.unit.knowledge.articles import article, resolved

QUESTION = "住院费用明细上传时提示目录编码不存在, 患者无法出院结算"
ANSWER = "核对目录编码后重新下载 1301 目录, 再上传费用明细并结算"
LOOK_S = 0.004


class Index:
    """Gives the same hits for everything; each look takes 4 ms of `at`."""

    def __init__(self, *hits: Hit) -> None:
        self.hits, self.at, self.looks = list(hits), 0.0, 0

    def like(self, *_: Any) -> list[Hit]:
        self.at += LOOK_S
        self.looks += 1
        return self.hits

    def clock(self) -> float:
        return self.at


def hit(case: int, **facts: Any) -> Hit:
    entry = entry_of(article(case, QUESTION, ANSWER, **facts), NOON)
    assert entry is not None
    return Hit(1.0, entry)


async def test_a_burst_of_resolutions_costs_a_tenth_of_a_core_and_waits_for_no_look_long() -> None:
    index = Index()
    finder, several = Finder(index, index.clock), [resolved(n) for n in range(50)]
    for _ in range(1_000):
        before = index.at
        assert await finder(several) == [None] * 50
        assert index.at - before <= LONGEST_S + 2 * LOOK_S
        index.at += 0.05 - (index.at - before) % 0.05
    assert 0 < index.looks * LOOK_S <= 0.12 * index.at


async def test_each_resolution_of_a_batch_gets_its_own_answer_and_never_itself() -> None:
    index = Index(hit(1))
    same: dict[str, Any] = {"question": QUESTION, "resolution": ANSWER, "title": "目录"}
    found = await Finder(index, index.clock)([resolved(1, **same), resolved(2, **same), resolved(3)])
    assert [one.article_id if one else None for one in found] == [None, hit(1).entry.article_id, None]


async def test_that_nothing_can_be_searched_only_means_drafts() -> None:
    broken: Any = SimpleNamespace(like=lambda *_: 1 / 0)
    assert await Finder(broken)([resolved(1)]) == [None]


class Drafts:
    """Drafts of the cases 1 to 9, written a minute apart."""

    def __init__(self, *cases: int) -> None:
        folder = shelf()
        for case in cases:
            at = NOON + timedelta(minutes=case)
            folder.hear(resolved(case, question=QUESTION, resolution=ANSWER, title="目录"), now=at)
        self.all = sorted(folder.documents.values(), key=_written)

    async def drafts_after(self, place: Any, until: datetime, _: int) -> list[Document[Article]]:
        return [d for d in self.all if place < (_written(d), d.id) and _written(d) < until]


def _written(document: Document[Article]) -> datetime:
    assert document.state is not None
    return document.state.revised_at


class Log:
    def __init__(self) -> None:
        self.wishes: list[ProposeMerge] = []

    async def publish(self, outgoing: Sequence[Outgoing]) -> None:
        self.wishes += [ProposeMerge.model_validate_json(out.body) for out in outgoing]


def sweeping(drafts: Any, index: Index, log: Any, at: datetime) -> Sweep:
    return Sweep(drafts, Finder(index), log, at)


def unpublished(case: int) -> Hit:
    return hit(case, model=ArticleDrafted, state="draft", live_revision=0)


@pytest.mark.parametrize("cases", [(1, 2), (2, 1)])
async def test_of_two_alike_drafts_the_larger_id_is_proposed_whichever_is_looked_at(cases: tuple[int, int]) -> None:
    ids: list[UUID] = sorted(article_id_of(resolved(n).case_id) for n in cases)
    log, at = Log(), NOON + timedelta(hours=1)
    looked_at, other = cases
    sweep = sweeping(Drafts(looked_at), Index(unpublished(looked_at), unpublished(other)), log, at)
    assert (await sweep.on(at), await sweep.on(at)) == (1, 0), "each draft is compared once"
    assert [(w.article_id, w.like) for w in log.wishes] == [(ids[1], ids[0])]


async def test_a_draft_waits_until_the_index_can_show_it_and_a_published_one_stays() -> None:
    log, at = Log(), NOON + timedelta(minutes=1)
    sweep = sweeping(Drafts(1), Index(unpublished(1), hit(2)), log, at)
    assert (await sweep.on(at + LAG), await sweep.on(at + 2 * LAG)) == (0, 1)
    assert log.wishes[0].like == hit(2).entry.article_id
