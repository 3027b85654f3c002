"""A case as a printable record (工单档案): facts, conversation, timeline, and the end of the chain on paper.

The font is one that every PDF reader brings along for Chinese, so no font file is needed.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from chassis.zone import BEIJING
from contracts.casework import OWES_NAMES
from services.intake.record import labels

Json = dict[str, Any]

_FONT, _INK, _GREY, _RULE, _SHADE = "STSong-Light", "#1d2733", "#5b6875", "#c9d1d9", "#f2f5f8"
_WIDTH = A4[0] - 36 * mm
_LONGEST = 1_500  # of one text on paper: the JSON has all of it
_BEYOND = re.compile("[\U00010000-\U0010ffff]")
pdfmetrics.registerFont(UnicodeCIDFont(_FONT))


def _style(name: str, size: float, **more: Any) -> ParagraphStyle:
    words = {"fontName": _FONT, "fontSize": size, "leading": size * 1.5, "wordWrap": "CJK", "textColor": _INK}
    return ParagraphStyle(name, **{**words, **more})


_TITLE = _style("title", 17)
_HEAD = _style("head", 11.5, spaceBefore=10, spaceAfter=4)
_TEXT = _style("text", 9.5)
_SMALL = _style("small", 8.5, textColor=_GREY)


def render(record: Json) -> bytes:
    """The pages of a record, as `record.record` makes it."""
    case, chain = record["case"], record["chain"]
    out = BytesIO()
    page = SimpleDocTemplate(
        out, pagesize=A4, leftMargin=18 * mm, rightMargin=18 * mm, topMargin=20 * mm, bottomMargin=18 * mm,
        title=f"工单档案 {case['number']}", author="医保服务台", subject=case["title"],
    )  # fmt: skip
    story: list[Flowable] = [
        _words("医保服务台 工单档案", _SMALL),
        _words(f"{case['number']}  {case['title']}", _TITLE),
        _words(f"导出时间 {_time(record['exported_at'])}    个人信息已遮盖", _SMALL),
        Spacer(1, 6),
        _facts(case),
        _words("对话", _HEAD),
        _rows([(_time(line["at"]), _speaker(case, line), _capped(line["text"])) for line in _conversation(record)]),
        _words("时间线", _HEAD),
        _rows([(_time(e["occurred_at"]), labels.event(e["type"]), _told(e)) for e in record["timeline"]]),
        _words("记录链", _HEAD),
        *_proof(chain),
    ]
    page.build(story, onFirstPage=_foot(case["number"]), onLaterPages=_foot(case["number"]))
    return out.getvalue()


def _facts(case: Json) -> Table:
    found = case["found"]
    pairs = [
        ("状态", labels.STATUS[case["status"]]), ("类型", labels.KIND.get(case["kind"], case["kind"])),
        ("分类", case["category"]), ("优先级", labels.PRIORITY[case["priority"]]),
        ("渠道", labels.CHANNEL[case["channel"]]), ("来询人", case["requester_name"] or case["requester_id"]),
        ("机构编号", case["institution_code"]), ("经办人", case["assignee"]),
        ("下一步责任方", OWES_NAMES[case["owes"]]), ("上报单号", case["external_number"]),
        ("建立时间", _time(case["opened_at"])), ("最近更新", _time(case["touched_at"])),
        ("交易编号", found["infno"]), ("报错", found["error"]),
        ("首次响应", _time(case["responded_at"])), ("解决时间", _time(case["ended_at"])),
    ]  # fmt: skip
    cells = [[_words(name, _SMALL), _words(value or "—", _TEXT)] for name, value in pairs]
    rows = [[*a, *b] for a, b in zip(cells[::2], cells[1::2], strict=True)]
    if case["resolution"]:
        rows.append([_words("解决方案", _SMALL), _words(case["resolution"], _TEXT), "", ""])
    label = 24 * mm
    table = Table(rows, colWidths=[label, _WIDTH / 2 - label] * 2)
    spans = [("SPAN", (1, -1), (3, -1))] if case["resolution"] else []
    table.setStyle(TableStyle([*_GRID, ("BACKGROUND", (0, 0), (-1, -1), HexColor(_SHADE)), *spans]))
    return table


_GRID = [
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("LINEBELOW", (0, 0), (-1, -1), 0.4, HexColor(_RULE)),
    ("TOPPADDING", (0, 0), (-1, -1), 3),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 4),
]  # fmt: skip


def _rows(rows: Sequence[tuple[str, str, str]]) -> Flowable:
    """A time, a name, and words; a row may go on over as many pages as it takes."""
    if not rows:
        return _words("无", _SMALL)
    cells = [[_words(at, _SMALL), _words(name, _SMALL), _words(text, _TEXT)] for at, name, text in rows]
    table = Table(cells, colWidths=[32 * mm, 30 * mm, _WIDTH - 62 * mm], splitInRow=1)
    table.setStyle(TableStyle(_GRID))
    return table


def _conversation(record: Json) -> list[Json]:
    """What was said by both sides, in the order of time."""
    answers = [
        {"at": e["occurred_at"], "text": e["text"], "staff": True, "sender": e["actor"].get("name") or e["actor"]["id"]}
        for e in record["timeline"]
        if e["type"] == "case.responded" and e.get("via") != "group"  # what colleagues wrote there is a line
    ]
    said = [*record["case"]["lines"], *answers]
    return sorted(said, key=lambda line: datetime.fromisoformat(line["at"]))


def _speaker(case: Json, line: Json) -> str:
    name = line["sender"] or case["requester_name"] or case["requester_id"]
    return f"服务台 {name}" if line["staff"] else str(name)


def _told(event: Json) -> str:
    who = labels.actor(event["actor"])
    words = _capped(labels.details(event))
    return f"{who}: {words}" if words else who


def _capped(words: str) -> str:
    return words if len(words) <= _LONGEST else f"{words[:_LONGEST]}…（全文见 JSON 档案）"


def _proof(chain: Json) -> list[Flowable]:
    verdict = (
        "完整: 每条记录都含前一条的 SHA-256"
        if chain["ok"]
        else f"第 {chain['broken_at'] + 1} 条起不完整: {chain['why']}"
    )
    return [
        _words(f"共 {chain['events']} 条记录, {verdict}。", _TEXT),
        _words(f"链尾 SHA-256: {chain['head']}", _SMALL),
        _words("核对方法: yibao audit 会重新计算整条链, 并与事件流中的原件逐条比对。", _SMALL),
    ]


def _words(text: str, style: ParagraphStyle) -> Paragraph:
    """Plain text as it is: nothing in it is markup. What the font has no glyph for (emoji) is the mark for that."""
    return Paragraph(escape(_BEYOND.sub("〓", text)).replace("\n", "<br/>"), style)


def _time(at: str | None) -> str:
    return datetime.fromisoformat(at).astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S") if at else ""


def _foot(number: str) -> Any:
    def draw(canvas: Any, document: Any) -> None:
        canvas.setFont(_FONT, 8)
        canvas.setFillColor(HexColor(_GREY))
        canvas.drawString(18 * mm, 10 * mm, f"工单 {number}")
        canvas.drawRightString(A4[0] - 18 * mm, 10 * mm, f"第 {document.page} 页")

    return draw
