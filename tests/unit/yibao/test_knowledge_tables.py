"""What `yibao knowledge` shows: whole at 80 columns, in Chinese, and with what has to be done next."""

from collections.abc import Callable
from typing import Any

import pytest
from rich.console import Console
from rich.table import Table

from contracts.knowledge import ArticleContent
from services.knowledge.articles.model import STATES as STATES_OF_KNOWLEDGE
from yibao import knowledge_tables as tables

NUMBER = "ZS-7K3QM-9XW2P"
LONG = "关于做好全省异地就医门诊慢特病直接结算工作有关事项的通知及其附件一至附件五的说明"
CONTENT: dict[str, Any] = {
    "title": "2207 超时", "question": "2207 超时", "symptoms": "", "cause": "原因：网关积压。",
    "answer": "处理步骤：重新结算", "category": "接口/HIS", "findings": {}, "kind": "solution", "institution_type": "",
    "edition": "", "keywords": [], "audience": "hospital:H62010200123",
}  # fmt: skip
ARTICLE: dict[str, Any] = {
    **CONTENT, "id": "a", "number": NUMBER, "state": "published", "owner": "wang.fang", "why": "", "sources": [],
    "merged_into": None, "proposal": None, "questioned_at": None, "review_at": None, "draft": None, "live_revision": 1,
}  # fmt: skip
HIT: dict[str, Any] = {
    "number": NUMBER, "title": LONG, "snippet": LONG, "why": ["2207"], "state": "draft", "similar_case": True,
    "kind": "solution",
}  # fmt: skip
OFFER: dict[str, Any] = {"number": NUMBER, "title": LONG, "reasons": [{"text": LONG}], "verdict": "edited"}
GAP: dict[str, Any] = {"cases": 3, "question": LONG, "institutions": ["a"], "examples": ["YB-7K3QM-9XW2P"]}


def printed(table: Table) -> list[str]:
    console = Console(width=80, markup=False, highlight=False)
    with console.capture() as capture:
        console.print(table)
    return capture.get().splitlines()


def lines(**changes: Any) -> list[str]:
    return list(tables.whole({**ARTICLE, **changes}, [], "YB-1"))


@pytest.mark.parametrize(
    "make",
    [
        lambda: tables.hits({"total": 1, "hits": [HIT]}),
        lambda: tables.articles([{**ARTICLE, "title": LONG}]),
        lambda: tables.suggestions([OFFER]),
        lambda: tables.gaps([GAP]),
    ],
)
def test_at_80_columns_a_number_is_whole_and_nothing_is_cut(make: Callable[[], Table]) -> None:
    shown = printed(make())
    assert any("7K3QM-9XW2P" in line for line in shown)
    assert not any("…" in line for line in shown)


def test_what_came_of_a_case_is_told_apart_from_the_draft_of_a_document() -> None:
    assert any("相似工单, 草稿" in line for line in printed(tables.hits({"total": 1, "hits": [HIT]})))
    document = {**HIT, "kind": "guide"}
    assert not any("相似工单" in line for line in printed(tables.hits({"total": 1, "hits": [document]})))


def test_every_state_of_an_article_has_its_name() -> None:
    assert tables.STATES == STATES_OF_KNOWLEDGE


def test_every_field_of_the_content_is_written_back() -> None:
    assert tables.content(ARTICLE).keys() == ArticleContent.model_fields.keys()


def test_what_is_written_back_is_the_revision_that_is_not_published_yet() -> None:
    assert tables.content({**ARTICLE, "draft": {**CONTENT, "title": "新"}})["title"] == "新"


def test_a_label_stands_once_and_the_title_is_not_asked_again() -> None:
    told = "\n".join(lines())
    assert told.count("原因") == told.count("处理步骤") == 1 and "问题" not in told
    assert "专属 H62010200123" in told and "人工编写" in told


def test_a_document_has_a_text_and_no_steps() -> None:
    assert "\n正文: 全文" in lines(kind="policy", answer="全文")


def test_a_document_that_says_no_more_than_its_title_is_still_shown() -> None:
    assert "\n正文: 2207 超时" in lines(kind="policy", answer="2207 超时")


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"state": "merged", "merged_into": "b"}, "已合并到 YB-1"),
        ({"state": "proposed", "proposal": {"like": "b", "likeness": 0.914}}, "与 YB-1 相似 91%: 请合并"),
        ({"state": "needs_review", "questioned_at": "2026-11-22T01:00:00Z", "why": "接口升级"}, "待复核: 接口升级"),
        ({"state": "draft", "draft": CONTENT}, "读者看到的是第 1 版"),
        ({"review_at": "2027-05-23T20:00:00Z"}, "下次复核 2027-05-24"),
    ],
)
def test_it_says_what_is_to_be_done(changes: dict[str, Any], told: str) -> None:
    assert any(line.startswith(told) or told in line for line in lines(**changes))


def test_only_a_proposal_that_still_stands_names_another_article() -> None:
    like = {"like": "b", "likeness": 0.9}
    assert tables.other({**ARTICLE, "state": "proposed", "proposal": like}) == "b"
    assert tables.other({**ARTICLE, "proposal": like}) == ""


def test_an_imported_file_is_told_with_the_numbers_of_its_articles() -> None:
    done = {"name": "a.docx", "status": "imported", "message": "已生成草稿", "articles": [{"number": NUMBER}]}
    assert tables.imported(done) == f"✓ a.docx: 已生成草稿 {NUMBER}"
    assert tables.imported({"name": "b.zip", "status": "refused", "message": "不支持"}) == "✗ b.zip: 不支持"
