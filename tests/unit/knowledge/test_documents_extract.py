"""What becomes of files: read in a child process, or refused in words that help."""

from pathlib import Path
from typing import Any

import pytest

from services.knowledge.child import Bounds, Crashed, Stopped, answer_of, at_once
from services.knowledge.documents.extract import read
from services.knowledge.documents.importing import Read, Reader, Wanted, fits
from services.knowledge.documents.trouble import WORDS, Unreadable
from tests.unit.knowledge import documents as files

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
GUIDE = files.docx(
    files.paragraph("异地就医指南", "h1") + files.paragraph("先做备案。") + files.paragraph("步骤", "h2")
    + files.table(("交易", "名称"), ("2207", "门诊结算")) + files.paragraph("咨询电话 0931-8765432, 张三 13812345678")
)  # fmt: skip


async def taken(name: str, data: bytes, title: str = "") -> Read:
    return await Reader().read(name, data, title)


async def text_of(name: str, data: bytes) -> str:
    return "".join(part.text for part in (await taken(name, data)).parts)


async def test_a_word_document_keeps_headings_and_tables_and_loses_personal_data() -> None:
    found = await taken("指南.docx", GUIDE)
    (part,) = found.parts
    assert part.title == "异地就医指南" and part.keywords == ("异地就医指南", "步骤")
    assert "# 异地就医指南\n\n先做备案。\n\n## 步骤" in part.text
    assert "| 交易 | 名称 |\n| --- | --- |\n| 2207 | 门诊结算 |" in part.text
    assert "13812345678" not in part.text and "0931-8765432" in part.text


async def test_a_pdf_keeps_headings_and_rows_and_loses_what_stands_on_every_page() -> None:
    texts = ("先备案再结算。", "报错时重新签到。", "核对人员编号。", "仍不行请联系服务台。")
    pages = [f"某市医保局\n# {t[:3]}\n{t}\n2207 门诊结算\n{t}\n第 {n} 页" for n, t in enumerate(texts, 1)]
    text = await text_of("手册.pdf", files.pdf(*pages))
    assert "# 先备案\n\n先备案再结算。\n2207 门诊结算\n先备案再结算。\n\n# 报错时" in text
    assert "某市医保局" not in text and "第 3 页" not in text


async def test_a_line_of_a_short_pdf_is_not_taken_for_a_page_number() -> None:
    assert await text_of("短.pdf", files.pdf("2207", "2208")) == "2207\n2208"


async def test_pages_without_text_are_told() -> None:
    found = await taken("半扫描.pdf", files.pdf("有文字的一页", "", "又一页"))
    assert "第 2 页没有文字" in found.notes[0]


async def test_a_page_in_gbk_is_read_without_what_runs_in_it() -> None:
    page = (
        "<html><title>通知</title><body><script>偷()</script><h2>门特</h2><a href='javascript:x()'>点</a></body></html>"
    )
    found = await taken("通知.html", page.encode("gbk"))
    assert found.parts[0].title == "通知" and found.parts[0].text == "## 门特\n\n点"
    assert found.sniffed.media_type == "text/plain"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
async def test_text_is_read_in_the_encodings_of_notepad(encoding: str) -> None:
    assert await text_of("说明.txt", "门诊慢特病备案\r\n第一步".encode(encoding)) == "门诊慢特病备案\n第一步"


async def test_texts_that_begin_like_another_format_are_texts() -> None:
    assert await text_of("赛.txt", "PK 赛说明".encode()) == "PK 赛说明"
    assert await text_of("注.md", "关于 %PDF-1.7 的说明".encode()) == "关于 %PDF-1.7 的说明"


async def test_the_headings_of_a_chinese_word_are_headings() -> None:
    body = files.paragraph("办法", "h1") + files.paragraph("细则", "h2")
    named = files.docx(body, **{"word/styles.xml": files.STYLES.replace("heading ", "标题 ")})
    assert await text_of("办法.docx", named) == "# 办法\n\n## 细则"


async def test_markdown_stays_as_it_is() -> None:
    text = "# 题\n\n- 甲\n- 乙\n\n| a | b |\n| - | - |\n| 1 | 2 |"
    assert await text_of("a.md", text.encode()) == text


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("空.docx", b"", "empty_file"),
        ("空.txt", b" \r\n", "empty_file"),
        ("程序.txt", b"#!/bin/sh\nrm", "program"),
        ("程序.exe", b"MZ\0\0", "not_supported"),
        ("表.xlsx", files.zipped({"[Content_Types].xml": "<a/>", "xl/workbook.xml": "<a/>"}), "not_supported"),
        ("表.docx", files.zipped({"[Content_Types].xml": "<a/>", "xl/workbook.xml": "<a/>"}), "not_docx"),
        ("图.docx", b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "not_docx"),
        ("图.md", b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "mismatch"),
        ("旧.doc", OLE, "old_word"),
        ("锁.docx", OLE + "EncryptedPackage".encode("utf-16-le"), "encrypted"),
        ("坏.docx", GUIDE[: len(GUIDE) // 2], "broken"),
        ("坏.pdf", b"%PDF-1.7\n" + b"x" * 500, "broken"),
        ("锁.pdf", files.locked(files.pdf("门特")), "encrypted"),
        ("扫描.pdf", files.pdf("", ""), "scanned"),
        ("无字.docx", files.docx(files.paragraph("")), "no_text"),
        ("乱.txt", bytes(range(128, 256)) * 20, "not_text"),
        ("外部.docx", files.docx(
            files.paragraph("&x;"), '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>'), "entities"),
        ("笑.docx", files.docx(files.paragraph("x"), **{"word/a.xml":
            '<!DOCTYPE d [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><d>&b;</d>'}), "entities"),
        ("长.txt", "医".encode() * 1_000_001, "too_long"),
    ],
)  # fmt: skip
async def test_what_cannot_be_read_is_refused_with_what_to_do(name: str, data: bytes, code: str) -> None:
    with pytest.raises(Unreadable) as refused:
        await taken(name, data)
    assert refused.value.code == code
    assert "请" in str(refused.value) and refused.value.status in (415, 422)


async def test_a_bomb_is_not_unpacked() -> None:
    with pytest.raises(Unreadable) as refused:
        await taken("炸弹.docx", files.bomb())
    assert refused.value.code == "bomb"


async def test_pages_nested_beyond_all_measure_end_only_the_child() -> None:
    with pytest.raises(Unreadable):
        await taken("深.html", b"<html><body>" + b"<div>" * 200_000 + "字".encode())


def test_every_word_for_trouble_says_what_to_do() -> None:
    assert all("请" in words for words in WORDS.values())


def test_the_text_is_the_same_in_this_process() -> None:
    assert read("docx", GUIDE)["text"].startswith("# 异地就医指南")


def _program(folder: Path, code: str) -> str:
    (folder / "child_of_a_test.py").write_text(code)
    return "child_of_a_test"


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("import time; time.sleep(600)", Stopped),
        ("import sys\nwhile True: sys.stdout.write('x' * 100_000)", Stopped),
        ("raise SystemExit(3)", Crashed),
        ("from services.knowledge.child import confine; confine(300, 1)\nwhile True: pass", Crashed),
        ("from services.knowledge.child import confine; confine(300, 9); x = bytes(1 << 30)", Crashed),
        ("from services.knowledge.child import confine; confine(300, 9); open('/tmp/x', 'w').write('x')", Crashed),
    ],
)
async def test_a_child_that_exceeds_its_bounds_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, error: type[Exception]
) -> None:
    monkeypatch.setattr("services.knowledge.child._ROOT", tmp_path)
    root = Path(__file__).parents[3]
    module = _program(tmp_path, f"import sys; sys.path.insert(0, {str(root)!r})\n{code}")
    wall = 0.5 if "sleep" in code else 20
    with pytest.raises(error):
        await answer_of(module, at_once(b"x" * 1_000_000), Bounds(wall, 1))


async def test_a_child_does_not_know_the_key(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("YIBAO_SECRET_KEY", "hidden")
    monkeypatch.setattr("services.knowledge.child._ROOT", tmp_path)
    module = _program(tmp_path, "import os; print(sorted(k for k in os.environ if 'YIBAO' in k))")
    assert (await answer_of(module, at_once(b""), Bounds(20, 1))).strip() == b"[]"


def test_a_form_with_another_audience_than_there_is_does_not_fit() -> None:
    wanted: Any = Wanted("培训")
    assert fits(wanted) and fits(wanted._replace(audience="hospital:H62010200123"))
    assert not fits(wanted._replace(audience="everybody")) and not fits(wanted._replace(edition="x" * 201))
