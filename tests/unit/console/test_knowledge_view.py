"""What the pages of knowledge show: marked hits, who may do what, harmless articles, the editor's way and back."""

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.token import Principal
from services.console.pages.knowledge import editing, view
from services.console.pages.knowledge.markdown import rendered

WANG, ZHAO = Principal("wang.fang", "engineer"), Principal("zhao.lei", "lead")
HARMLESS = {
    "p", "br", "hr", "em", "strong", "code", "pre", "ul", "ol", "li", "blockquote", "a", "div", "table", "thead",
    "tbody", "tr", "th", "td", "h3", "h4", "h5", "h6",
}  # fmt: skip
SPOKEN = st.text(st.sampled_from("ab# *_`~[]()<>!|-:/\\&;\"'\n 标题=1.+"), max_size=300)


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]


def tags_of(text: str) -> _Tags:
    found = _Tags()
    found.feed(rendered(text))
    return found


@given(st.one_of(SPOKEN, st.text(max_size=200)))
def test_nothing_that_anybody_writes_becomes_active_content(text: str) -> None:
    found = tags_of(text)
    assert found.tags <= HARMLESS
    assert not [name for name, _ in found.attributes if name.startswith("on") or name in ("style", "src")]
    assert not [
        value for name, value in found.attributes if name == "href" and re.match(r"\s*(javascript|data|vb)", value)
    ]


@pytest.mark.parametrize("text", [
    "<script>alert(1)</script>", "[x](javascript:alert(1))", "![x](https://elsewhere/y.png)", "<javascript:alert(1)>",
    "[x]: javascript:alert(1)\n\n[x]", "<img src=x onerror=alert(1)>", "```\n</code></pre><script>1</script>\n```",
])  # fmt: skip
def test_known_tricks_are_text(text: str) -> None:
    found = tags_of(text)
    assert not found.tags & {"script", "img"}
    assert "javascript" not in "".join(value for _, value in found.attributes)


def test_headings_stand_below_those_of_the_page_and_none_is_left_out() -> None:
    assert re.findall("<(h.)", rendered("# 一\n### 二\n###### 三\n### 四")) == ["h3", "h4", "h5", "h4"]


@given(st.text(max_size=60), st.lists(st.integers(0, 60), max_size=8))
def test_marked_pieces_are_the_text_again(text: str, ends: list[int]) -> None:
    ends = sorted({min(end, len(text)) for end in ends})
    spans = list(zip(ends[::2], ends[1::2], strict=False))
    found = view.pieces(text, spans)
    assert "".join(piece for piece, _ in found) == text
    assert [piece for piece, marked in found if marked] == [text[a:b] for a, b in spans if text[a:b]]


def written(state: str, **more: Any) -> dict[str, Any]:
    return {"state": state, "revised_by": "wang.fang", "live_revision": 0, "questioned_at": None, "draft": None, **more}


def test_nobody_publishes_what_he_wrote_himself() -> None:
    assert "publish" in view.acts(written("in_review"), ZHAO)
    assert "publish" not in view.acts(written("in_review"), WANG)


@pytest.mark.parametrize("role", ["officer", "hospital"])
def test_readers_only_vote(role: Any) -> None:
    assert view.acts(written("published", live_revision=1), Principal("x", role)) == {"rate"}


def test_auditors_do_nothing() -> None:
    assert not view.acts(written("published", live_revision=1), Principal("x", "auditor"))


@pytest.mark.parametrize("state", ["retired", "merged"])
def test_what_is_gone_is_neither_merged_nor_retired_again(state: str) -> None:
    assert not view.acts(written(state), ZHAO) & {"merge", "retire", "publish", "confirm", "submit"}


CONTENT = {
    "title": "标题", "question": "问", "answer": "答\n二", "category": "培训", "kind": "guide", "symptoms": "",
    "cause": "", "institution_type": "", "edition": "", "keywords": ["结算", "2101"], "audience": "hospital:H1",
    "findings": {"infno": "2101", "error": None, "error_code": None, "msgid": "m"}, "why": "",
}  # fmt: skip


def test_the_editor_gives_back_what_it_was_given() -> None:
    shown = editing.fields(CONTENT)
    form = {
        name: value for name, value in {**shown, **shown["findings"], "audience": "hospital"}.items() if value != {}
    }
    assert editing.written(form, CONTENT) == CONTENT


def test_what_differs_is_told_in_words() -> None:
    told = view.differences({"keywords": {"old": [], "new": ["甲", "乙"]}, "title": {"marks": []}})
    assert [(one["name"], one.get("old"), one.get("new")) for one in told] == [
        ("关键词", "—", "甲、乙"),
        ("标题", None, None),
    ]
