"""From a document's text to articles: title, headings, parts that fit into an article. Pure.

What is too long for one article becomes several, cut at headings where there are any, else between paragraphs, lines,
sentences. Nothing is left out: the parts together are the text.
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from chassis.personal.masking import mask_reply
from services.knowledge.documents.masked import masked

LONGEST: Final = 20_000
MOST_KEYWORDS, LONGEST_KEYWORD, LONGEST_TITLE = 50, 60, 150
_HEADING: Final = re.compile(r"^#{1,6}[ \t]+(.+)$", re.MULTILINE)
_LEVELS: Final = tuple(re.compile(rf"^(?=#{{{n}}}[ \t])", re.MULTILINE) for n in range(1, 7))
_FENCE: Final = re.compile(r"^(```|~~~).*?(?:^\1|\Z)", re.MULTILINE | re.DOTALL)
_NEXT: Final = (re.compile(r"(?<=\n\n)"), re.compile(r"(?<=\n)"), re.compile(r"(?<=[。！？；])"))
_NUMBERED: Final = re.compile(
    r"第.{1,4}[章节篇部]|[（(]?[一二三四五六七八九十]+[)）、.．]|[（(]?[0-9]+(?:[)）、.．]|\s)"
)
_BEGINNING: Final = 400
_CODES: Final = re.compile(r"[*_`\[\]]|\(https?://[^)]*\)")


class Part(NamedTuple):
    """`number` of `of`, counted from 1."""

    number: int
    of: int
    title: str
    text: str
    keywords: tuple[str, ...]


def shaped(text: str, title: str, file_name: str, longest: int = LONGEST) -> list[Part]:
    """The articles of a text, masked. `title` may be empty: then the first heading or the file's name is it."""
    text = masked(text)
    name = mask_reply(" ".join(title.split())) or _first_heading(text) or _stem(mask_reply(file_name))
    name = name[:LONGEST_TITLE]
    texts = list(split(text, longest))
    return [
        Part(n, len(texts), name if len(texts) == 1 else f"{name}（{n}/{len(texts)}）", part, headings(part))
        for n, part in enumerate(texts, 1)
    ]


def headings(text: str) -> tuple[str, ...]:
    """Each once, in order; what is in a block of code is none."""
    found = (_plain(heading) for heading in _HEADING.findall(_FENCE.sub("", text)))
    return tuple(dict.fromkeys(h[:LONGEST_KEYWORD] for h in found if h))[:MOST_KEYWORDS]


def split(text: str, longest: int = LONGEST) -> Iterator[str]:
    """Parts of at most `longest` characters which joined are `text`, each as long as it can be."""
    part = ""
    for piece in _pieces(text, longest, 0):
        if part and len(part) + len(piece) > longest:
            yield part
            part = ""
        part += piece
    if part:
        yield part


def _pieces(text: str, longest: int, depth: int) -> Iterator[str]:
    """Pieces that fit, divided no further than it takes."""
    if len(text) <= longest:
        yield text
        return
    ways = (*_LEVELS, *_NEXT)
    if depth == len(ways):
        yield from (text[at : at + longest] for at in range(0, len(text), longest))
        return
    for piece in ways[depth].split(text):
        if piece:
            yield from _pieces(piece, longest, depth + 1)


def _first_heading(text: str) -> str:
    """The one that the text begins with, unless it is the first chapter's."""
    found = _HEADING.search(text[:_BEGINNING])
    heading = _plain(found[1]) if found else ""
    return "" if _NUMBERED.match(heading) else heading


def _plain(heading: str) -> str:
    return " ".join(_CODES.sub("", heading[:LONGEST_TITLE].rstrip(" \t#")).split())


def _stem(name: str) -> str:
    stem, dot, _ = name.rpartition(".")
    return (stem if dot else name).strip() or "未命名文档"
