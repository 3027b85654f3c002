"""Letters: within the limits in characters and in bytes, whole characters, a whole link, words as written."""

from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from contracts.setting import MessageTemplate
from services.notify.providers.letters import letter_of
from services.notify.providers.markup import clean, markdown
from services.notify.rules.cutting import cut, graphemes, units
from services.notify.rules.samples import message
from services.notify.transports.port import Format, Letter, Sent

LINK = "https://yibao.example/a/k_J-9x*QzRt"
FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
FLAG, ACCENT, KEYCAP, SKIN = "🇨🇳", "e\u0301\u0323", "1\ufe0f\u20e3", "👍🏽"
WHOLE = [FAMILY, FLAG, ACCENT, KEYCAP, SKIN, "🏴\U000e0067\U000e0062\U000e007f", "각", "\u1100\u1161\u11a8", "中", "x"]
TEXTS = st.lists(st.sampled_from([*WHOLE, "_", "*", "\\", "[", "\n", " ", "# ", "1. "]) | st.text(max_size=3)).map(
    "".join
)


@dataclass
class Provider:
    format: Format = "text"
    most_characters: int = 0
    most_bytes: int = 0
    titled: bool = False

    async def send(self, letter: Letter) -> Sent:
        raise NotImplementedError

    async def close(self) -> None: ...


def written(provider: Provider, link: str = LINK, template: MessageTemplate | None = None, **facts: Any) -> Letter:
    return letter_of(message(**facts), "secret", provider, template=template, link=link)


LINKED = MessageTemplate(name="linked", body="{{ urgency_name }} {{ title }}: {{ body }} {{ link }}")


@given(TEXTS, TEXTS, st.integers(0, 300), st.integers(0, 600), st.sampled_from(["text", "markdown", "html"]),
       st.booleans(), st.sampled_from([None, LINKED]))  # fmt: skip
def test_a_letter_is_never_over_its_limits_and_its_link_is_whole_or_left_out(
    title: str, body: str, characters: int, octets: int, format_: Format, titled: bool, own: MessageTemplate | None
) -> None:
    letter = written(Provider(format_, characters, octets, titled), template=own, title=title, body=body)
    size, length = len(letter.body.encode()), units(letter.body)
    assert len(letter.body) <= length
    assert (not characters or length <= characters) and (not octets or size <= octets)
    assert letter.link == LINK and "https" not in letter.body.replace(LINK, "")
    if not titled:
        assert (LINK in letter.body) == all(not most or most >= len(LINK) for most in (characters, octets))


@given(st.lists(st.sampled_from(WHOLE), max_size=80), st.integers(1, 200), st.sampled_from(["text", "markdown"]))
def test_what_is_left_of_a_text_is_its_beginning_in_whole_characters(
    pieces: list[str], most: int, format_: Format
) -> None:
    template = MessageTemplate(name="bare", body="{{ body }}")
    said = written(Provider(format_, most, titled=True), link="", template=template, body="".join(pieces)).body
    if said.endswith("…"):
        beginnings = {"".join(pieces[:n]) for n in range(len(pieces) + 1)}
        assert said[:-1] in beginnings


@given(st.lists(st.sampled_from(WHOLE), max_size=40), st.integers(0, 100))
def test_a_cut_is_between_what_readers_see_as_characters(pieces: list[str], most: int) -> None:
    text = "".join(pieces)
    kept = cut(text, most)
    assert units(kept) <= most or kept == text
    assert kept in {"".join(pieces[:n]) for n in range(len(pieces) + 1)}


@given(st.text())
def test_characters_put_together_are_the_text(text: str) -> None:
    assert "".join(graphemes(text)) == text
    assert all(graphemes(text))


@pytest.mark.parametrize("whole", WHOLE)
def test_what_readers_see_as_one_character_is_one(whole: str) -> None:
    assert list(graphemes(whole)) == [whole]
    assert list(graphemes(f"中{whole}中{whole}")) == ["中", whole, "中", whole]


def test_two_flags_are_two_characters_and_a_line_break_is_one() -> None:
    assert list(graphemes("🇨🇳🇭🇰a\r\nb")) == ["🇨🇳", "🇭🇰", "a", "\r\n", "b"]


@given(TEXTS)
def test_markdown_reads_as_the_text_was_written(text: str) -> None:
    text = clean(text).strip()
    shown = _read(markdown(text))
    assert _squeezed(shown) == _squeezed(text)


@pytest.mark.parametrize("text", [
    "**粗** _x_ `c` ~~s~~ [a](http://b) <b> &amp; a|b \\", "# 标题\n- 项\n+ 项\n1. 一\n2) 二\n> 引\n===\n---",
    "![图](u)", "    缩进\n\t表", "a\n\n\nb", "<!-- x -->", "a*b*c snake_case_name", "https://x.cn/a_b_c",
])  # fmt: skip
def test_no_sign_in_a_text_is_taken_for_markdown(text: str) -> None:
    tokens = MarkdownIt("commonmark").parse(markdown(text))
    assert {t.type for t in tokens} <= {"paragraph_open", "paragraph_close", "inline"}
    assert {c.type for t in tokens for c in t.children or ()} <= {"text", "text_special", "hardbreak"}
    assert _squeezed(_read(markdown(text))) == _squeezed(text)


def _read(source: str) -> str:
    """What a reader of the Markdown sees."""
    tokens = MarkdownIt("commonmark").parse(source)
    lines = [
        "".join("\n" if c.type.endswith("break") else c.content for c in t.children or ()) for t in tokens if t.children
    ]
    return "\n".join(lines)


def _squeezed(text: str) -> list[str]:
    """Lines without blanks around them; Markdown has no others."""
    return [" ".join(line.split()) for line in text.split("\n") if line.split()]


def test_a_letter_says_how_urgent_it_is_and_how_many_it_stands_for() -> None:
    letter = written(Provider(), title="超时", body="截止", count=37)
    assert letter.body == f"〔紧急〕超时 (已归并 37 条)\n截止\n查看并确认: {LINK}"
    assert letter.title == "〔紧急〕超时 (已归并 37 条)"
    assert "已归并" not in written(Provider(), count=1).body


def test_a_transport_that_shows_title_and_link_itself_gets_them_once() -> None:
    letter = written(Provider(titled=True), title="超时", body="截止", count=1)
    assert (letter.title, letter.body, letter.link) == ("〔紧急〕超时", "截止", LINK)


def test_a_letter_in_markdown_has_a_link_that_works() -> None:
    letter = written(Provider("markdown"), title="a*b", body="c_d", count=1)
    assert letter.body == f"**〔紧急〕a\\*b**\n\nc\\_d\n\n[查看并确认]({LINK})" and letter.title == "〔紧急〕a*b"
    own = MessageTemplate(name="own", title="{{ number }}", body="{{ body }} [看]({{ link }})")
    again = written(Provider("markdown"), template=own, body="c_d", number="YB")
    assert again.body == f"**YB**\n\nc\\_d [看]({LINK})"
    for text in (letter.body, again.body):
        [link] = [c for t in MarkdownIt().parse(text) for c in t.children or () if c.type == "link_open"]
        assert link.attrs["href"] == LINK


def test_a_letter_in_html_escapes_what_was_written_and_has_words_for_readers_without_it() -> None:
    letter = written(Provider("html", titled=True), title="<script>", body="a & <b>\nc", link="https://x.cn/?a=1&b=2")
    assert "<script>" not in letter.html and "a &amp; &lt;b&gt;\nc" in letter.html
    assert 'href="https://x.cn/?a=1&amp;b=2"' in letter.html
    assert letter.body == "a & <b>\nc"
    assert written(Provider("text")).html == ""


def test_a_text_that_is_too_long_points_to_the_whole_of_it() -> None:
    letter = written(Provider(most_characters=400), title="超时", body="长" * 900, count=1)
    assert letter.body.startswith("〔紧急〕超时\n长长") and letter.body.endswith(f"长…\n全文见链接: {LINK}")
    titled = written(Provider(most_characters=400, titled=True), title="超时", body="长" * 900)
    assert titled.body == "长" * 391 + "… (全文见链接)"
    assert len(letter.body) == len(titled.body) == 400
    assert written(Provider(most_characters=400, titled=True), link="", body="长" * 900).body == "长" * 399 + "…"


def test_a_title_does_not_begin_with_what_carriers_take_for_a_signature() -> None:
    assert not written(Provider(most_characters=70)).body.startswith("【")


def test_a_repeated_letter_has_the_same_id_as_the_first() -> None:
    first, again = (letter_of(message(), "secret", Provider("html"), repeat) for repeat in (False, True))
    assert first.id == again.id and again.repeat and not first.repeat
    assert "可能重复" in again.html and "可能重复" not in first.html


def test_a_template_has_a_title_of_its_own() -> None:
    template = MessageTemplate(name="own", title="{{ number }}", body="好: {{ title }}")
    letter = written(Provider(), template=template, title="超时", number="YB-1")
    assert (letter.title, letter.body) == ("YB-1", f"YB-1\n好: 超时\n查看并确认: {LINK}")


@pytest.mark.parametrize("body", ["{{ title | minute }}", "{{ title", "{{ 1 // 0 if cut else body }}"])
def test_a_template_that_fails_is_as_none(body: str) -> None:
    told: list[tuple[str, str, str]] = []
    template = MessageTemplate(name="bad", body=body)
    long = message(title="超时", body="长" * 900)
    letter = letter_of(long, "s", Provider("text", 60), False, template, LINK, lambda *t: told.append(t))
    assert letter == letter_of(long, "s", Provider("text", 60), link=LINK)
    assert [t[:2] for t in told] == [("breach", "template bad")]


def test_titles_are_one_line_and_short() -> None:
    letter = written(Provider(), title="一\r\nBcc: x@y.cn\n" + "长" * 400)
    assert "\n" not in letter.title and "\r" not in letter.title and len(letter.title) == 120
