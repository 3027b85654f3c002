"""What all printed pages have in common: one Chinese font, one look, a foot with the number of the page.

The font is one that every PDF reader brings along, so no font file is needed. Import this only to print: the library
takes 15 MB.
"""

import re
from collections.abc import Sequence
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate

FONT, INK, GREY, RULE, SHADE = "STSong-Light", "#1d2733", "#5b6875", "#c9d1d9", "#f2f5f8"
WIDTH = A4[0] - 36 * mm
_BEYOND = re.compile("[\U00010000-\U0010ffff]")
pdfmetrics.registerFont(UnicodeCIDFont(FONT))


def style(name: str, size: float, **more: Any) -> ParagraphStyle:
    words = {"fontName": FONT, "fontSize": size, "leading": size * 1.5, "wordWrap": "CJK", "textColor": INK}
    return ParagraphStyle(name, **{**words, **more})


TITLE = style("title", 17)
HEAD = style("head", 11.5, spaceBefore=10, spaceAfter=4)
TEXT = style("text", 9.5)
SMALL = style("small", 8.5, textColor=GREY)
GRID = [
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("LINEBELOW", (0, 0), (-1, -1), 0.4, HexColor(RULE)),
    ("TOPPADDING", (0, 0), (-1, -1), 3),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 4),
]  # fmt: skip


def words(text: str, look: ParagraphStyle = TEXT) -> Paragraph:
    """Plain text as it is: nothing in it is markup. What the font has no glyph for (emoji) is the mark for that."""
    return Paragraph(escape(_BEYOND.sub("〓", text)).replace("\n", "<br/>"), look)


def pages(story: Sequence[Flowable], foot: str, title: str, subject: str = "") -> bytes:
    """The PDF; `foot` stands at the bottom of every page, beside its number."""
    out = BytesIO()
    page = SimpleDocTemplate(
        out, pagesize=A4, leftMargin=18 * mm, rightMargin=18 * mm, topMargin=20 * mm, bottomMargin=18 * mm,
        title=title, author="医保服务台", subject=subject,
    )  # fmt: skip

    def draw(canvas: Any, document: Any) -> None:
        canvas.setFont(FONT, 8)
        canvas.setFillColor(HexColor(GREY))
        canvas.drawString(18 * mm, 10 * mm, foot)
        canvas.drawRightString(A4[0] - 18 * mm, 10 * mm, f"第 {document.page} 页")

    page.build(list(story), onFirstPage=draw, onLaterPages=draw)
    return out.getvalue()
