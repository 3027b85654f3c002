"""`yibao knowledge` as engineers type it: from a document to what a hospital reads; and what it says when it cannot."""

import re

import pytest

from tests.support.desk import Desk, desk_in
from tests.support.wait import until

HOSPITAL = "hospital:H62010200123"
GUIDE = "# 读卡器培训\n\n读卡没有反应时先重装控件，再插拔读卡器。联系人：张三，电话 13812345678。\n"


async def test_a_document_becomes_what_a_hospital_reads(tmp_path_factory: pytest.TempPathFactory) -> None:
    home = tmp_path_factory.mktemp("knowledge")
    guide, steps, book = home / "读卡器.md", home / "steps.txt", home / "book.pdf"
    guide.write_text(GUIDE, encoding="utf-8")
    steps.write_text("先重装控件，再插拔读卡器，仍不行时换一台。", encoding="utf-8")
    async with desk_in(home, "knowledge") as desk:
        said = await done(desk, "import", str(guide), "--category", "培训", "--by", "wang.fang")
        [number] = re.findall(r"ZS-[0-9A-Z]{5}-[0-9A-Z]{5}", said)
        assert number in await done(desk, "list", "--state", "draft")
        shown = await done(desk, "show", number)
        assert "〔草稿〕读卡器培训" in shown and "13812345678" not in shown and "正文: " in shown

        for options in (("--steps", f"@{steps}", "--audience", HOSPITAL), ("--keyword", "读卡")):
            assert "已修改" in await done(desk, "edit", number, *options, "--by", "wang.fang")
        await done(desk, "move", number, "submit", "--by", "wang.fang")
        code, said = await desk.command("knowledge", "move", number, "publish", "--by", "wang.fang")
        assert code == 1 and "另一位同事" in said
        assert "已发布" in await done(desk, "move", number, "publish", "--by", "zhao.lei")

        await found(desk, number, "读卡器", "--as", HOSPITAL)
        assert number not in await done(desk, "search", "读卡器", "--as", "centre"), "it is that hospital's own"
        assert "已存" in await done(desk, "book", "H62010200123", "--to", str(book))
        assert book.read_bytes().startswith(b"%PDF-")

        await done(desk, "synonyms", "add", "读卡器", "扫码墩", "--by", "wang.fang")
        await found(desk, number, "扫码墩")
        await done(desk, "synonyms", "remove", "扫码墩", "--by", "wang.fang")
        await done(desk, "move", number, "question", "--why", "换了型号", "--by", "zhao.lei")
        assert "待复核: 换了型号" in await done(desk, "show", number)
        assert "一致" in await done(desk, "index", "check")
        assert "索引已重建" in await done(desk, "index", "rebuild")
        assert "没有发现知识缺口" in await done(desk, "gaps")

        for wrong, word in (
            (("show", "ZS-00000-00000"), "没有知识条目"), (("move", number, "burn"), "没有办理动作"),
            (("move", number, "merge"), "--into"), (("move", number, "retire"), "请填写原因"),
            (("edit", number), "没有要改的"), (("edit", number, "--keyword", "读卡"), "已经是这样"),
            (("edit", number, "--steps", "@/nowhere"), "读不了文件"),
            (("suggest", "YB-00000-00000"), "没有工单"), (("judge", "YB-1", number, "good"), "没有评价"),
            (("synonyms", "remove", "没有的"), "没有含"), (("book", "H1"), "还没有可以打印的条目"),
            (("search", "x", "--as", "everybody"), "没有这种读者"),
            (("import", str(guide), "--category", "胡说"), "category"),
        ):  # fmt: skip
            code, said = await desk.command("knowledge", *wrong)
            assert code in (1, 2) and word in said and "Traceback" not in said, (wrong, said)
        await desk.stop("knowledge")
        code, said = await desk.command("knowledge", "list")
        assert code == 2 and "连不上知识服务" in said


async def done(desk: Desk, *words: str) -> str:
    code, said = await desk.command("knowledge", *words)
    assert code == 0, said
    return said


async def found(desk: Desk, number: str, *words: str) -> None:
    async def look() -> bool:
        return number in await done(desk, "search", *words)

    await until(f"{words} finds {number}", look)
