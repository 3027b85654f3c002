"""The lines of a text file as UTF-8, whatever its encoding and its ends of lines, in blocks of bounded size."""

import codecs
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from services.stats.problem import Problem
from services.stats.sources.ingest.sniff import HEAD, encoded_wide

BLOCK = 4 << 20
_LONGEST = 16 << 20
_MOST = 4


def encoding_of(path: Path) -> str:
    """UTF-16 by its mark; UTF-8 when all or most of it is; else GB18030, or the one with fewer damaged places.

    Most of it: UTF-8 with a few damaged places is often faultless GB18030, of characters that mean nothing; while
    GB18030 read as UTF-8 is damaged nearly everywhere.
    """
    with path.open("rb") as source:
        if wide := encoded_wide(source.read(HEAD)):
            return wide
    damaged, whole = _damage(path, "utf-8")
    if not damaged or whole > _MOST * damaged:
        return "utf-8"
    return "utf-8" if damaged < _damage(path, "gb18030")[0] else "gb18030"


def _damage(path: Path, encoding: str) -> tuple[int, int]:
    """How many characters beyond ASCII are damaged, and how many are not."""
    decoder, damaged, whole = codecs.getincrementaldecoder(encoding)("replace"), 0, 0
    with path.open("rb") as source:
        for block in chain(iter(lambda: source.read(BLOCK), b""), [b""]):
            text = decoder.decode(block, not block)
            if not text.isascii():
                damaged += (here := text.count("\ufffd"))
                whole += len(text) - here - len(text.encode("ascii", "ignore"))
    return damaged, whole


def blocks(path: Path, encoding: str) -> Iterator[tuple[bytes, float]]:
    """Whole lines as UTF-8 with `\\n` between them, and the share of the file that they end at. Raises Problem."""
    size = path.stat().st_size or 1
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    rest, first, old = b"", True, False
    with path.open("rb") as source:
        while raw := source.read(BLOCK):
            text = _utf8(decoder, raw, encoding)
            if first:
                text, first = text.removeprefix(b"\xef\xbb\xbf"), False
                old = b"\n" not in text  # ends of lines as on a Mac of long ago
            text = rest + (text.replace(b"\r", b"\n") if old else text)
            cut = text.rfind(b"\n") + 1
            if cut == 0 and len(text) > _LONGEST:
                raise Problem("有一行超过 16 MB, 不像是数据文件: 请检查文件")
            rest = text[cut:]
            if cut:
                yield _ended(text[:cut]), source.tell() / size
    if rest := rest + decoder.decode(b"", True).encode():
        yield _ended(rest), 1.0


def _utf8(decoder: codecs.IncrementalDecoder, raw: bytes, encoding: str) -> bytes:
    return decoder.decode(raw).encode("utf-8", "replace")


def _ended(text: bytes) -> bytes:
    if b"\r" in text:
        text = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return text.removesuffix(b"\n")
