"""A PDF's text as Markdown. Used in the child process only.

By pypdfium2: of Chinese PDFs it keeps the cells of a table's row on one line, where pypdf gives a line to each, and it
knows every font that Chrome shows. Headings are told by their size: a PDF has no other word for them.
"""

import re
from collections import Counter
from itertools import chain, pairwise
from typing import Final, NamedTuple

import pypdfium2
from pypdfium2 import raw

from services.knowledge.documents.trouble import Unreadable

MOST_PAGES, LONGEST_HEADING = 2_000, 60
_NARROW: Final = 40  # a line that is no longer than this was not broken for want of room
_PASSWORD: Final = 4
_PAGE_NUMBER: Final = re.compile(r"第\s*\d{1,4}\s*页(?:[\s/,，]*共\s*\d{1,4}\s*页)?|[-—–]\s*\d{1,4}\s*[-—–]")
_NUMBER: Final = re.compile("[0-9]{1,4}")
_ENDS: Final = tuple("。！？；：!?;:”」）)")
_BEGINS: Final = re.compile(
    r"(?:第[一二三四五六七八九十百0-9]+[章节条款部篇]|[一二三四五六七八九十]+、|[（(][一二三四五六七八九十0-9]+[)）]|[0-9]+[.、．)]|[-•·●◆■])"
)
_CJK: Final = re.compile("[\u3000-\u9fff\uff00-\uffef]")


class Line(NamedTuple):
    text: str
    size: float


def extract(data: bytes) -> tuple[str, str, list[str]]:
    """Title, Markdown, notes for the reader. Raises Unreadable."""
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        locked = getattr(error, "err_code", None) == _PASSWORD or "assword" in str(error)
        raise Unreadable("encrypted" if locked else "broken") from error
    if len(document) > MOST_PAGES:
        raise Unreadable("too_long")
    pages = [_lines(document[number]) for number in range(len(document))]
    if not any(pages):
        raise Unreadable("scanned")
    empty = [n for n, lines in enumerate(pages, 1) if not lines]
    body = _body(pages)
    # Its own title is none: most are the name of a template, or of a file that was printed.
    return "", markdown(_without_margins(pages, body), body), [_told(empty)] if empty else []


def markdown(pages: list[list[Line]], body: float) -> str:
    """Lines become paragraphs, larger ones headings."""
    lines = list(chain.from_iterable(pages))
    sizes = sorted({line.size for line in lines if _is_heading(line, body)}, reverse=True)
    widest = max((_width(line.text) for line in lines if line.size == body), default=0)
    parts: list[str] = []
    joins = False
    for line in lines:
        if _is_heading(line, body):
            parts.append(f"{'#' * min(sizes.index(line.size) + 1, 6)} {line.text}")
            joins = False
            continue
        if joins and not _BEGINS.match(line.text):
            parts[-1] += _glue(parts[-1], line.text) + line.text
        else:
            parts.append(line.text)
        joins = _width(line.text) >= max(widest * 0.85, _NARROW) and not line.text.endswith(_ENDS)
    return _spaced(parts)


def _spaced(parts: list[str]) -> str:
    """Headings stand on their own."""
    apart = ("\n\n" if one.startswith("#") or next_.startswith("#") else "\n" for one, next_ in pairwise(parts))
    return "".join(chain.from_iterable(zip(parts, (*apart, ""), strict=True))).strip()


def _is_heading(line: Line, body: float) -> bool:
    return line.size > body * 1.12 and len(line.text) <= LONGEST_HEADING


def _width(text: str) -> int:
    """In halves of a Chinese character."""
    return sum(2 if character > "\u2e7f" else 1 for character in text)


def _glue(before: str, after: str) -> str:
    return "" if _CJK.match(before[-1:]) or _CJK.match(after[:1]) else " "


def _lines(page: pypdfium2.PdfPage) -> list[Line]:
    """Of one page, each with the size of its first letter."""
    text_page = page.get_textpage()
    found, at = [], 0
    try:
        for line in text_page.get_text_range().split("\n"):
            if words := line.strip("\r \t\ufffe"):
                size = raw.FPDFText_GetFontSize(text_page.raw, at + len(line) - len(line.lstrip()))
                found.append(Line(words.replace("\ufffe", ""), round(size, 1)))
            at += len(line) + 1
    finally:
        text_page.close()
        page.close()
    return found


def _without_margins(pages: list[list[Line]], body: float) -> list[list[Line]]:
    """Without page numbers and running titles: up to two lines at the top of each page, then at its bottom."""
    for _ in range(2):
        pages = [page[::-1] for page in _peeled(_peeled(pages, body), body)]
    return pages


def _peeled(pages: list[list[Line]], body: float) -> list[list[Line]]:
    """Without the first lines that most pages share; larger letters are a heading's."""
    shapes = [_shape(page[0], n) if page and page[0].size <= body else "" for n, page in enumerate(pages)]
    common = {shape for shape, n in Counter(shapes).items() if n >= 3 and n * 2 > len(pages)}
    gone = [bool(s) and (s in common or _PAGE_NUMBER.fullmatch(p[0].text)) for s, p in zip(shapes, pages, strict=True)]
    return [page[1:] if is_gone else page for is_gone, page in zip(gone, pages, strict=True)]


def _shape(line: Line, page: int) -> str:
    """The same on every page for a line that counts the pages."""
    return _NUMBER.sub(lambda number: f"{int(number[0]) - page:+}", line.text)


def _body(pages: list[list[Line]]) -> float:
    """The size of most letters."""
    weights: Counter[float] = Counter()
    for line in chain.from_iterable(pages):
        weights[line.size] += len(line.text)
    return weights.most_common(1)[0][0] if weights else 0.0


def _told(empty: list[int]) -> str:
    shown = "、".join(map(str, empty[:20])) + (" 等" if len(empty) > 20 else "")
    return f"第 {shown} 页没有文字 (可能是扫描页), 没有收入: 需要时请用 OCR 转换后再上传"
