"""Chinese text as search sees it: characters and pairs of characters, letters and digits as whole words.

Pairs find the words, single characters find what pairs miss; together they rank better than either, and no
dictionary has to know 门特 or 冲正. Both sides of every search, what is stored and what is asked, go through here.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path

MAX_WORD = 64

_HAN = "々〇\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003134f"
_RUN = re.compile(rf"[{_HAN}]+|[^\W_{_HAN}]+(?:[._-][^\W_{_HAN}]+)*")
_IS_HAN = re.compile(f"[{_HAN}]")
_JOINT = re.compile("[._-]")
_DIGIT = re.compile("[0-9]")


def _simplified() -> dict[int, str]:
    lines = Path(__file__).with_name("traditional.txt").read_text(encoding="utf-8").splitlines()
    return {ord(pair[0]): pair[1] for line in lines if not line.startswith("#") for pair in line.split()}


_SIMPLIFIED = _simplified()


def normalise(text: str) -> str:
    """NFKC in lower case, traditional characters as simplified ones: one spelling of what people write in many.

    Full-width letters and digits become plain ones. Each traditional character becomes one simplified character.
    """
    if text.isascii():
        return text.lower()
    # Lower case can undo NFKC (İ becomes i and a dot above), so once more after it.
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).lower())
    return plain.translate(_SIMPLIFIED)


def tokens(text: str) -> Iterator[str]:
    """Every token of `text`, in order, as often as it occurs; never empty, without white space."""
    for run in _RUN.findall(normalise(text)):
        yield from _pairs(run) if _IS_HAN.match(run) else _words(run)


def terms(text: str) -> list[str]:
    """The tokens of a query, each once, in order."""
    return list(dict.fromkeys(tokens(text)))


def is_single(token: str) -> bool:
    """A Chinese character on its own: it is in half of all texts and says little."""
    return len(token) == 1 and _IS_HAN.match(token) is not None


def codes(texts: Iterable[str | None]) -> list[str]:
    """The words with a digit in `texts`: transactions, error numbers, institutions, case numbers."""
    found = (t for text in texts if text for t in tokens(text) if _DIGIT.search(t))
    return list(dict.fromkeys(found))


def _pairs(run: str) -> Iterator[str]:
    yield from run
    yield from map("".join, pairwise(run))


def _words(run: str) -> Iterator[str]:
    """`psn_no` is found as a whole and by its parts."""
    yield run[:MAX_WORD]
    parts = _JOINT.split(run)
    if len(parts) > 1:
        yield from (part[:MAX_WORD] for part in parts)
