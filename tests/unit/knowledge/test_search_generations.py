"""Generations of the index: what serves while another is built, what a crash leaves, and what the sums say."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chassis import position
from chassis.position import Position
from contracts.knowledge import ArticleEvent, ArticleRated, ArticleRetired, Usage
from services.knowledge.articles.model import Counts
from services.knowledge.audience import Viewer
from services.knowledge.search.index import ArticleIndex
from services.knowledge.search.model import Filters, Query
from services.knowledge.search.schema import FORMAT, checksum
from tests.unit.knowledge.articles import NOON, article

ENGINEER = Filters(Viewer("engineers"))


def test_an_index_of_an_older_format_serves_until_it_is_built_anew(tmp_path: Path) -> None:
    index = _opened(tmp_path)
    index.bulk([article(1, "门诊结算")], "today", 5)
    index.close()
    position.save(tmp_path / "index-2" / "position.json", Position(FORMAT - 1, "today", 5))
    again = _opened(tmp_path)
    assert _found(again, "结算") == 1
    assert not again.belongs_to("today", 5)
    again.bulk([article(1, "门诊结算"), article(2, "住院结算")], "today", 5)
    assert _found(again, "结算") == len(again) == 2
    assert again.belongs_to("today", 5)


def test_what_is_being_built_does_not_serve_before_it_is_whole(tmp_path: Path) -> None:
    index = _opened(tmp_path)
    index.bulk([article(1, "门诊结算")], "today", 1)
    building = index.building("today")
    building.take([article(1, "门诊结算", version=2), article(2, "住院结算")])
    assert (_found(index, "结算"), building.documents) == (1, 2)
    assert index.swap(building.finished(2))
    assert (_found(index, "结算"), index.position.sequence) == (2, 2)


def test_a_generation_that_knows_less_does_not_take_over(tmp_path: Path) -> None:
    index = _opened(tmp_path)
    index.bulk([article(1, "门诊结算")], "today", 1)
    new = index.building("today").finished(1)
    index.apply([article(2, "住院结算")], 2)
    assert not index.swap(new)
    assert _found(index, "结算") == 2
    new.take([article(1, "门诊结算"), article(2, "住院结算")])
    new.commit(Position(FORMAT, "today", 2))
    assert index.swap(new)
    assert _found(index, "结算") == 2


def test_what_was_given_up_or_left_half_built_is_gone(tmp_path: Path) -> None:
    index = _opened(tmp_path)
    index.bulk([article(1, "门诊结算")], "today", 1)
    building = index.building("today")
    building.take([article(2, "住院结算")])
    building.given_up()
    index.close()
    (tmp_path / "index-9" / "index").mkdir(parents=True)
    (tmp_path / "originals").mkdir()
    again = _opened(tmp_path)
    assert _found(again, "结算") == 1
    assert {path.name for path in tmp_path.iterdir()} == {"index-2", "originals"}


def test_a_retired_article_is_gone_and_does_not_come_back_with_an_old_event(tmp_path: Path) -> None:
    index = _opened(tmp_path)
    old = article(1, "门诊结算")
    retired = article(1, "门诊结算", version=2, model=ArticleRetired, state="retired", live_revision=0)
    index.apply([old, retired], 1)
    index.apply([old], 2)
    assert (_found(index, "结算"), len(index), index.sums()[0]) == (0, 0, 1)


def test_a_vote_does_not_make_an_article_look_new(tmp_path: Path) -> None:
    index = _opened(tmp_path)
    voted = article(
        1, "门诊结算", version=2, model=ArticleRated, helpful=True, usage=Usage(helpful=1),
        occurred_at=NOON + timedelta(days=9),
    )  # fmt: skip
    index.apply([article(1, "门诊结算"), article(2, "住院结算")], 1)
    index.apply([voted], 2)
    hits = index.search(Query("", ENGINEER)).hits
    assert [(h.entry.number, h.entry.usage.helpful) for h in hits] == [("YB-00002-00000", 0), ("YB-00001-00000", 1)]


EVENTS = [article(case, f"结算{case}", version=v, usage=Usage(views=v)) for case in range(4) for v in (1, 2, 3)]


@given(st.permutations(EVENTS), st.integers(1, len(EVENTS)))
@settings(max_examples=15, deadline=None)
def test_whatever_the_order_and_the_batches_the_sums_are_those_of_the_latest(
    tmp_path_factory: pytest.TempPathFactory, events: Sequence[ArticleEvent], cut: int
) -> None:
    index = _opened(tmp_path_factory.mktemp("sums"))
    index.apply(events[:cut], 1)
    index.apply(events[cut:], 2)
    latest = [e for e in EVENTS if e.version == max(event.version for event in EVENTS)]
    sums = {e.article_id: checksum(e.article_id, e.state, 1, 1, _counts(e)) for e in latest}
    assert index.known() == sums
    assert index.sums() == (len(latest), sum(sums.values()) % 2**64)
    index.close()


def _counts(event: ArticleEvent) -> Counts:
    return msgspec.convert(event.usage.model_dump(), Counts)


def _opened(folder: Path) -> ArticleIndex:
    index = ArticleIndex(folder)
    index.open()
    return index


def _found(index: ArticleIndex, text: str) -> int:
    return index.search(Query(text, ENGINEER)).total


def test_a_writer_that_has_failed_does_not_take_the_new_generation_along(tmp_path: Path) -> None:
    index = _opened(tmp_path)
    index.close()  # as after a full disk: this writer can do nothing any more
    index.bulk([article(1, "门诊结算")], "today", 1)
    index.apply([article(2, "住院结算")], 2)
    assert _found(index, "结算") == 2
    index.close()
    assert _found(_opened(tmp_path), "结算") == 2
