"""Files made to do harm: to hold up the service for ever, to hide what is personal, to run where they are read.

What would hold it up for ever makes no test fail that ends: such a test does not end.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.knowledge.child import Bounds, Crashed, answer_of, at_once
from services.knowledge.documents.extract import Asked, answer, read
from services.knowledge.documents.importing import clean_name
from services.knowledge.documents.masked import masked
from services.knowledge.documents.plain import tidied
from services.knowledge.documents.shaping import shaped
from services.knowledge.documents.sniff import sniff
from tests.unit.knowledge import documents as files

PHONE = "13812345678"
cell = st.text("门特结算张三 2207：:-\\*12", max_size=12) | st.sampled_from(
    ["姓名", "电话", "王小明", PHONE, "人员编号", ""]
)
rows = st.lists(st.lists(cell, min_size=1, max_size=5), max_size=6)


def test_comments_without_end_before_a_page_are_judged() -> None:
    assert sniff("a.md", b"<!---->" * 1_000 + b"x").kind == "markdown"
    assert sniff("a.txt", b"<!-- a -->" * 20 + b" <!-- > --> <HTML>").kind == "html"


@pytest.mark.parametrize("line", ["# " + "#" * 900_000 + "x", "x" + " " * 900_000 + "x", "# " + " #" * 400_000 + "x"])
def test_lines_that_take_a_pattern_for_ever_are_read(line: str) -> None:
    (part, *_) = shaped(tidied(line), "", "a.md")
    assert part.title


@pytest.mark.parametrize(
    ("table", "hidden", "kept"),
    [
        (
            "| 姓名 | 性别 | 电话 |\n| --- | --- | --- |\n| 张三丰 | 男 | {} |",
            ["张三丰", PHONE],
            ["姓名", "性别", "男"],
        ),
        ("| 姓名 | 王小明 |\n| --- | --- |\n| 电话 | {} |", ["王小明", PHONE], ["电话"]),
        ("| 科室 | 人员编号 |\n| --- | --- |\n| 内科 | 1000012345 |", ["1000012345"], ["内科"]),
        ("甲 | 姓名\n--- | ---\n乙 | 李四光", ["李四光"], ["甲", "乙"]),
        ("| 李四光 | {} |", ["李四光", PHONE], []),
    ],
)
def test_what_a_column_or_a_neighbour_announces_is_masked(table: str, hidden: list[str], kept: list[str]) -> None:
    text = masked(table.format(PHONE))
    assert not [word for word in hidden if word in text] and all(word in text for word in kept)


def test_a_table_without_personal_data_stays_as_it_is() -> None:
    text = "|交易|名称|\n|:-|---|\n|2207|  门诊\\|结算  |\n\n姓名 | 乙"
    assert masked(text) == text


@given(rows)
def test_masking_keeps_every_cell_and_masks_no_further_when_it_is_done_again(table: list[list[str]]) -> None:
    text = "\n".join(f"| {' | '.join(row)} |" for row in table)
    found = masked(text)
    assert [line.count("|") for line in found.split("\n")] == [line.count("|") for line in text.split("\n")]
    assert PHONE not in found and masked(found) == found


@pytest.mark.parametrize("unseen", ["\u200b", "\u034f", "\u061c", "\u3164", "\ufe0f", "\U000e0041", "\u202e"])
def test_what_nobody_sees_does_not_hide_a_number(unseen: str) -> None:
    found = answer(Asked("markdown", title=f"电话{unseen.join(PHONE)}"), unseen.join(f"电话 {PHONE}").encode())
    assert "138****5678" in found.parts[0].text and "138****5678" in found.parts[0].title


def test_a_name_of_a_file_is_masked_before_it_is_cut() -> None:
    assert "1381234" not in clean_name("字" * 123 + PHONE + "字" * 30 + ".docx")
    assert clean_name(f"../../患者张三 {PHONE}.docx") == "患者张* 138****5678.docx"


def test_the_text_of_a_word_document_is_judged_by_what_it_holds_and_not_by_its_name() -> None:
    plain = files.docx(files.paragraph("&b;"), '<!DOCTYPE d [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>')
    moved = files.renamed(plain, "word/document.xml", "word/media/picture.bin")
    assert answer(Asked("docx"), moved).trouble == "entities"


def test_a_link_of_a_page_does_not_become_another_one() -> None:
    page = '<html><a href="https://x\n)[z](javascript:1">甲</a> <a href="https://nhsa.gov.cn/a?b=1">乙</a>'
    assert read("html", page.encode())["text"] == "甲 [乙](https://nhsa.gov.cn/a?b=1)"


async def test_of_a_child_that_crashes_only_the_kind_of_error_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    monkeypatch.setattr("services.knowledge.child._ROOT", tmp_path)
    for code, told in (
        (f"raise ValueError('a\\n张三 {PHONE}')", "1: "),
        ("raise UnicodeError('张三')", "1: UnicodeError"),
    ):
        (tmp_path / "child_that_crashes.py").write_text(code)  # type: ignore[operator]
        with pytest.raises(Crashed) as crashed:
            await answer_of("child_that_crashes", at_once(b""), Bounds(20, 1))
        assert str(crashed.value) == told
