"""The pages of a hospital's book. In the child only: layout takes seconds, and the library 15 MB.

The contents come before what they tell of, so their page numbers are drawn last: each page of the contents shows a form
that is filled when all pages are known. Laying everything out twice would take twice as long.
"""

from collections.abc import Iterator, Sequence
from io import BytesIO
from itertools import groupby
from typing import Any, Final

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, NextPageTemplate, PageBreak, PageTemplate, Spacer

from chassis.paper import FONT, GREY, HEAD, INK, RULE, SMALL, TEXT, WIDTH, style, words
from chassis.zone import BEIJING
from services.knowledge.archive.choosing import Entry, Front, edition_of
from services.knowledge.archive.contents import Contents, Filled, Row
from services.knowledge.archive.markup import SUBHEAD, flowables

_MARGIN, _TOP, _BOTTOM = 18 * mm, 22 * mm, 18 * mm
CHAPTER: Final = style("chapter", 15, spaceAfter=8)
_KINDS: Final = {"solution": "解决方案", "guide": "培训材料", "policy": "政策文件"}


class Book(BaseDocTemplate):  # type: ignore[misc]
    """Knows on which page each marked flowable came to stand; `running` is the header's right side."""

    def __init__(self, out: BytesIO, front: Front) -> None:
        title = f"{front.name or front.institution} 专属档案"
        super().__init__(out, pagesize=A4, title=title, author="医保服务台", subject="专属档案")
        self._head, self._foot, self.running = title, f"打印日期 {_day(front.printed_at)}", ""
        self.places: dict[str, int] = {}
        frame = Frame(_MARGIN, _BOTTOM, WIDTH, A4[1] - _TOP - _BOTTOM, 0, 0, 0, 0)
        self.addPageTemplates([
            PageTemplate("cover", [frame]),
            PageTemplate("inside", [frame], onPageEnd=self._draw),
        ])  # fmt: skip

    def afterFlowable(self, flowable: Flowable) -> None:
        if (mark := getattr(flowable, "mark", None)) is not None:
            self.places[mark.key] = self.page
            self.canv.bookmarkPage(mark.key)
            self.canv.addOutlineEntry(mark.text, mark.key, mark.level, closed=mark.level == 0)
            self.running = mark.text if mark.level == 0 else self.running

    def _draw(self, canvas: Any, document: Any) -> None:
        canvas.setFont(FONT, 8)
        canvas.setFillColor(HexColor(GREY))
        canvas.setStrokeColor(HexColor(RULE))
        canvas.drawString(_MARGIN, A4[1] - 14 * mm, self._head)
        canvas.drawRightString(A4[0] - _MARGIN, A4[1] - 14 * mm, self.running)
        canvas.line(_MARGIN, A4[1] - 16 * mm, A4[0] - _MARGIN, A4[1] - 16 * mm)
        canvas.drawString(_MARGIN, 10 * mm, self._foot)
        canvas.drawRightString(A4[0] - _MARGIN, 10 * mm, f"第 {document.page} 页")


def render(front: Front, entries: Sequence[Entry]) -> bytes:
    """The PDF of entries that are in order."""
    out = BytesIO()
    book = Book(out, front)
    rows = list(_rows(entries))
    contents = Contents(rows, A4[1] - _TOP - _BOTTOM)
    story: list[Flowable] = [*_cover(front, entries), NextPageTemplate("inside"), PageBreak(), *contents.pages()]
    for category, group in groupby(entries, lambda entry: entry.category):
        story += [PageBreak(), _marked(words(category, CHAPTER), Row(_chapter(category), category, 0))]
        for entry in group:
            story += _article(entry)
    book.build([*story, Filled(contents, book.places)])
    return out.getvalue()


def _rows(entries: Sequence[Entry]) -> Iterator[Row]:
    for category, group in groupby(entries, lambda entry: entry.category):
        yield Row(_chapter(category), category, 0)
        yield from (Row(entry.number, f"{entry.number}  {entry.title}", 1) for entry in group)


def _cover(front: Front, entries: Sequence[Entry]) -> list[Flowable]:
    holds = "本院专属条目, 以及面向全部医院的条目" if front.with_hospitals else "本院专属条目"
    big, middle = style("cover", 26, alignment=1), style("cover-text", 12, alignment=1, textColor=HexColor(GREY))
    lines = (f"机构编码 {front.institution}", f"打印日期 {_day(front.printed_at)}", f"共 {len(entries)} 条 ({holds})",
             f"版次 {edition_of(entries)}", "个人信息已遮盖, 请以系统中的最新版本为准")  # fmt: skip
    return [
        Spacer(1, 70 * mm), words(front.name or front.institution, big), Spacer(1, 6 * mm),
        words("医保服务台 专属档案", style("cover-sub", 18, alignment=1, textColor=HexColor(INK))), Spacer(1, 20 * mm),
        *(words(line, middle) for line in lines),
    ]  # fmt: skip


def _article(entry: Entry) -> list[Flowable]:
    title = _marked(words(entry.title, HEAD), Row(entry.number, entry.title, 1))
    title.keepWithNext = 1
    story: list[Flowable] = [Spacer(1, 6), title, words(_about(entry), SMALL)]
    for name, text in _parts(entry):
        heading = words(name, SUBHEAD)
        heading.keepWithNext = 1
        story += [heading, *flowables(text)]
    for name, listed in (("相关编码", entry.codes), ("关键词", entry.keywords), ("来源", entry.sources)):
        if listed:
            story.append(words(f"{name}: {'、'.join(listed)}", SMALL))
    return [*story, Spacer(1, 4), words(" ", TEXT)]


def _parts(entry: Entry) -> Iterator[tuple[str, str]]:
    """What has something to say, under its name; texts that begin with that name, or say the same again, do not."""
    steps = "处理步骤" if entry.kind == "solution" else "正文"
    said = {entry.title.strip()}
    named = (("问题", entry.question), ("现象", entry.symptoms), ("原因", entry.cause), (steps, entry.answer))
    for name, whole in named:
        text = whole.strip().removeprefix(f"{name}：").removeprefix(f"# {entry.title.strip()}\n").strip()
        if text and (text not in said or name == steps):
            said.add(text)
            yield name, text


def _about(entry: Entry) -> str:
    told = [entry.number, _KINDS.get(entry.kind, entry.kind), f"第 {entry.revision} 版"]
    told += [f"省平台 {entry.edition}"] if entry.edition else []
    told += [f"审核 {_day(entry.reviewed_at)}"] if entry.reviewed_at else []
    told += [f"下次复核 {_day(entry.review_at)}"] if entry.review_at else []
    told += [f"负责人 {entry.owner}"] if entry.owner else []
    told += ["待复核: 使用前请向服务台确认"] if entry.doubtful else []
    return "    ".join(told)


def _marked(flowable: Flowable, row: Row) -> Flowable:
    flowable.mark = row
    return flowable


def _chapter(category: str) -> str:
    return f"chapter-{category}"


def _day(at: Any) -> str:
    return str(at.astimezone(BEIJING).strftime("%Y-%m-%d"))
