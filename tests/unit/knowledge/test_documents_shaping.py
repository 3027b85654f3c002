"""From a text to articles: nothing is left out, and nothing is cut where it need not be."""

from hypothesis import given
from hypothesis import strategies as st

from services.knowledge.documents.shaping import headings, shaped, split

piece = st.sampled_from(
    ["# 章\n", "## 节 甲\n", "一段文字。", "\n\n", "\n", "| a | b |\n", "长" * 70, "x" * 33, "2207"]
)
texts = st.lists(piece, max_size=40).map("".join)


@given(texts, st.integers(20, 200))
def test_the_parts_are_the_text_and_each_fits(text: str, longest: int) -> None:
    parts = list(split(text, longest))
    assert "".join(parts) == text
    assert all(0 < len(part) <= longest for part in parts)


def test_a_long_text_is_cut_at_headings() -> None:
    text = "# 一\n" + "甲" * 50 + "\n# 二\n" + "乙" * 50 + "\n# 三\n" + "丙" * 20
    parts = shaped(text, "手册", "a.docx", longest=100)
    assert [part.title for part in parts] == ["手册（1/2）", "手册（2/2）"]
    assert parts[1].text.startswith("# 二") and parts[1].keywords == ("二", "三")


def test_a_text_is_masked_before_it_is_cut() -> None:
    phone = "13812345678"
    parts = shaped("字" * 95 + phone + "字" * 50, "", "a.md", longest=100)
    assert phone not in "".join(part.text for part in parts)


def test_the_title_is_what_is_given_or_the_first_heading_or_the_name_of_the_file() -> None:
    assert shaped("# 甲\n文", "题", "a.md")[0].title == "题"
    assert shaped("文\n## **甲** `x`\n", "", "a.md")[0].title == "甲 x"
    assert shaped("# 一、适用范围\n文\n# 指南", "", "门特指南.md")[0].title == "门特指南"
    assert shaped("文", "", "门特 指南.v2.docx")[0].title == "门特 指南.v2"
    assert shaped("文", "", "张三 13812345678.docx")[0].title != "张三 13812345678"


def test_headings_are_keywords_but_not_those_in_code() -> None:
    assert headings("# 甲 #\n```\n# 注释\n```\n## 乙\n# 甲") == ("甲", "乙")
    assert len(headings("\n".join(f"# 题{n}" for n in range(90)))) == 50
