"""Versions out of what an article has said, and how they differ."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts import knowledge_work as work
from services.knowledge.articles.duty import Quarter, quarter_of
from services.knowledge.articles.shown import line, shown, visible
from services.knowledge.articles.versions import Mark, differences, marks, versions
from services.knowledge.audience import Viewer
from services.sla.obligations.days import moment, period_of
from tests.unit.knowledge.article_work import WANG, A, published, shelf, wish, write

TEXT = st.text(alphabet="先用2601冲正。再 重新\n结算;abc", max_size=120)


@given(TEXT, TEXT)
def test_applying_the_marks_to_the_old_text_gives_the_new_one(old: str, new: str) -> None:
    found = marks(old, new)
    assert applied(old, found) == new
    assert all(mark.text for mark in found) and all(a.op != b.op for a, b in pairwise(found))
    assert old != new or not [mark for mark in found if mark.op != "same"]


def test_only_what_changed_is_marked() -> None:
    assert marks("先用 2601 冲正。再重新结算。", "先用 2602 冲正。再重新结算。") == [
        Mark("same", "先用 "), Mark("removed", "2601"), Mark("added", "2602"), Mark("same", " 冲正。再重新结算。"),
    ]  # fmt: skip


def test_long_texts_without_sentences_are_compared_as_a_whole() -> None:
    old, new = "甲乙" * 10_000, "乙甲" * 10_000
    assert [mark.op for mark in marks(old, new)] == ["removed", "added"]


def test_versions_tell_who_wrote_what_and_what_became_of_it_and_counting_is_no_version() -> None:
    folder = shelf()
    published(folder)
    folder.hear(wish(work.CountViews, views=1), wish(work.RateArticle, helpful=True, reader="0" * 16))
    folder.hear(write(WANG, n=1, answer="联系省平台", why="平台升级"),
                wish(work.SubmitArticle, WANG, n=1))  # fmt: skip
    first, second = versions([body.decode() for _, body in folder.documents[A].said])
    assert [s["type"] for s in first["steps"]] == ["knowledge.drafted", "knowledge.submitted", "knowledge.published"]
    assert [(s["type"], s["by"]["id"], s["why"]) for s in second["steps"]] == [
        ("knowledge.revised", WANG, "平台升级"), ("knowledge.submitted", WANG, ""),
    ]  # fmt: skip
    assert list(differences(first["content"], second["content"])) == ["answer"]


@pytest.mark.parametrize("name", ["engineers", "centre", "hospitals", "hospital:H1", "hospital:H2"])
@pytest.mark.parametrize("audience", ["engineers", "centre", "hospitals", "hospital:H1"])
def test_nobody_is_shown_what_is_not_for_him(name: str, audience: str) -> None:
    folder, viewer = shelf(), Viewer(name)
    article = published(folder, audience=audience, findings={"setl_ids": ["S1"], "institution_code": "H62010200123"})
    folder.hear(write(n=1, answer="只有工程师知道", audience="hospitals"))
    draft = folder.states[A]
    assert visible(article, viewer) == visible(draft, viewer) == viewer.may_read(audience)
    if visible(draft, viewer):
        for seen in (shown(A, 1, draft, viewer), line(A, 1, draft, viewer)):
            assert viewer.is_engineer or not {"draft", "owner", "sources", "state", "voters"} & set(seen)
            assert viewer.is_engineer or not any(s in str(seen) for s in ("只有工程师知道", "S1", "H62010200123"))


@given(st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)))  # noqa: DTZ001
def test_the_quarter_is_the_one_that_the_duty_is_planned_for(at: datetime) -> None:
    found, day = quarter_of(at), (at + timedelta(hours=8)).date()
    same = period_of("quarter", day)
    after = moment(same.last + timedelta(days=1), timedelta())
    assert found == Quarter(same.key, moment(same.first, timedelta()), after)
    assert found.since <= at < found.until


def applied(old: str, found: Sequence[Mark]) -> str:
    """`old` with the marks carried out, taking from it what is the same."""
    new, rest = "", old
    for mark in found:
        if mark.op != "added":
            assert rest.startswith(mark.text)
            rest = rest[len(mark.text) :]
        new += "" if mark.op == "removed" else mark.text
    assert not rest
    return new
