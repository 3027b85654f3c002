"""A hospital's book, read back from paper."""

import io
import re
from datetime import UTC, datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from contracts.knowledge import ArticleContent
from services.knowledge.archive.book import render
from services.knowledge.archive.choosing import CATEGORIES, Entry, Front, audiences, edition_of, entry_of, ordered
from services.knowledge.articles.model import Article, Origin
from services.knowledge.audience import Viewer

NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)
OURS, THEIRS = "H62010200123", "H62010200999"
AUDIENCES = ("engineers", "centre", "hospitals", f"hospital:{OURS}", f"hospital:{THEIRS}", f"hospital:{OURS}0")
FRONT = Front(OURS, "市第一医院", NOON, False)


def content(number: int, audience: str, **facts: Any) -> dict[str, Any]:
    known = {"title": f"标题{number}号", "question": "问", "answer": f"秘密{number}号", "category": "结算支付"}
    return ArticleContent(**{**known, "audience": audience, **facts}).model_dump(mode="json")


def article(number: int, state: str, latest: str, live: str | None, **facts: Any) -> Article:
    live = None if state in ("proposed", "retired", "merged") else live
    return Article(
        number=f"ZS-{number:05}", state=state, facts=content(number, latest), revision=4,  # type: ignore[arg-type]
        revised_by="E001", revised_at=NOON, live=None if live is None else content(number, live, **facts),
        live_revision=0 if live is None else 3, published_at=NOON, review_at=NOON, owner="E001",
        questioned_at=NOON if state == "needs_review" else None,
        sources=(Origin("case", "x", "YB-7K3QM-9XW2P"),),
    )  # fmt: skip


STATES = ("draft", "proposed", "in_review", "published", "needs_review", "retired", "merged")
articles = st.lists(
    st.tuples(st.sampled_from(STATES), st.sampled_from(AUDIENCES), st.sampled_from((None, *AUDIENCES))), max_size=12
).map(lambda facts: [article(n, *one) for n, one in enumerate(facts, 100)])


def entries(many: list[Article], with_hospitals: bool) -> list[Entry]:
    allowed = audiences(OURS, with_hospitals)
    return ordered(entry for one in many if (entry := entry_of(one, allowed)) is not None)


def pages(pdf: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages]


@given(articles, st.booleans())
def test_a_book_holds_what_its_hospital_may_read_and_all_of_that_is_its_own(many: list[Article], more: bool) -> None:
    viewer = Viewer(f"hospital:{OURS}")
    inside = {entry.number for entry in entries(many, more)}
    for one in many:
        shown = one.shown
        readable = shown is not None and viewer.may_read(shown.audience)
        wanted = readable and shown is not None and (more or shown.audience != "hospitals")
        assert (one.number in inside) == wanted


@settings(max_examples=15, deadline=None)
@given(articles)
def test_nothing_of_another_audience_is_on_paper(many: list[Article]) -> None:
    inside = entries(many, with_hospitals=True)
    text = "\n".join(pages(render(FRONT, inside)))
    found = set(re.findall(r"秘密(\d+)号", text))
    assert found == {entry.number[-3:] for entry in inside}
    assert set(re.findall(r"标题(\d+)号", text)) == found


def test_what_stands_on_paper_is_what_readers_see_and_not_the_latest_draft() -> None:
    one = article(1, "published", latest=f"hospital:{OURS}", live=f"hospital:{OURS}", answer="旧的做法")
    (entry,) = entries([one], with_hospitals=False)
    assert (entry.answer, entry.revision) == ("旧的做法", 3)


def test_a_book_does_not_say_whose_case_an_article_for_all_hospitals_comes_from() -> None:
    own = f"hospital:{OURS}"
    facts = [{"findings": {"institution_code": code, "infno": "2207"}} for code in (OURS, THEIRS)]
    mine, theirs = (article(n, "published", own, own, **f) for n, f in enumerate(facts))
    shared = article(2, "published", "hospitals", "hospitals", **facts[1])
    found = entries([mine, theirs, shared], with_hospitals=True)
    assert [entry.codes for entry in found] == [("交易 2207", f"机构 {OURS}"), ("交易 2207",), ("交易 2207",)]
    assert [entry.sources for entry in found] == [("YB-7K3QM-9XW2P",), ("YB-7K3QM-9XW2P",), ()]


def test_a_title_that_is_longer_than_a_page_is_cut() -> None:
    own = f"hospital:{OURS}"
    texts = pages(render(FRONT, entries([article(7, "published", own, own, title="题" * 90_000)], False)))
    assert 300 <= "".join(texts).count("题") <= 400


def book(count: int) -> list[Entry]:
    own = f"hospital:{OURS}"
    answers = [f"秘密{n}号\n" + "一步一步来。" * (n * 7 % 400) for n in range(count)]
    many = [article(n, "published", own, own, category=CATEGORIES[n % 4], answer=a) for n, a in enumerate(answers)]
    return entries(many, False)


def test_the_page_numbers_of_the_contents_are_right() -> None:
    texts = pages(render(FRONT, book(130)))
    table = "\n".join(text for text in texts if text.startswith("目录"))
    rows = re.findall(r"^(ZS-\d{5}) +标题(\d+)号\s*\n\s*(\d+)$", table, re.MULTILINE)
    assert len(rows) == 130
    for number, title, page in rows:
        assert f"标题{title}号" in texts[int(page) - 1] and number in texts[int(page) - 1]
    chapters = re.findall(r"^([一-鿿/]+)\s*\n\s*(\d+)$", table, re.MULTILINE)
    assert [name for name, _ in chapters] == list(CATEGORIES[:4])
    assert all(name in texts[int(page) - 1] for name, page in chapters)


def test_every_page_but_the_first_has_its_number_and_whose_it_is() -> None:
    texts = pages(render(FRONT, book(30)))
    assert "市第一医院" in texts[0] and "共 30 条" in texts[0] and "第 1 页" not in texts[0]
    for number, text in enumerate(texts[1:], 2):
        assert f"第 {number} 页" in text and "市第一医院 专属档案" in text


def test_an_article_says_all_that_it_has() -> None:
    own = f"hospital:{OURS}"
    facts = {
        "symptoms": "窗口报错", "cause": "网关故障", "findings": {"infno": "2207", "error": "超时"},
        "keywords": ("冲正",),
        "answer": "# 步骤\n\n| 交易 | 名称 |\n| --- | --- |\n| 2601 | 冲正交易 |\n\n请 <b>重试</b> & 再看😀",
        "edition": "V1.1.27",
    }  # fmt: skip
    text = "\n".join(pages(render(FRONT, entries([article(7, "needs_review", own, own, **facts)], False))))
    for told in (
        "窗口报错", "网关故障", "交易 2207", "报错 超时", "冲正交易", "请 <b>重试</b> & 再看", "YB-7K3QM-9XW2P",
        "第 3 版", "审核 2026-11-22", "E001", "待复核", "V1.1.27",
    ):  # fmt: skip
        assert told in text, told
    assert "---" not in text


def test_texts_of_any_length_and_shape_are_laid_out() -> None:
    own = f"hospital:{OURS}"
    wild = "长" * 19_000 + "\n" + "|" * 50 + "\n| " + "格" * 3_000 + " | b |\n" + "x" * 5_000 + "\n#\n# \n||\n| a |"
    rows = "\n".join(f"| {n} | {'说明' * 60} |" for n in range(100))
    many = [article(n, "published", own, own, answer=text, title="题" * 140) for n, text in enumerate((wild, rows))]
    texts = pages(render(FRONT, entries(many, False)))
    assert "".join(texts).count("长") >= 19_000 and "99" in "".join(texts)


def test_books_that_say_the_same_have_the_same_edition() -> None:
    assert edition_of(book(5)) == edition_of(book(5)) != edition_of(book(6))
