"""What words need to stay words in a format: escapes of Markdown, and no characters that nobody can see. Pure."""

import re
import unicodedata
from typing import Any, Final

_ANYWHERE: Final = re.compile(r"[\\`*_\[\]<>&~|]")
_AT_THE_START: Final = re.compile(r"^(?:[#+\-=]|(\d{1,9})(?=[.)]))", re.MULTILINE)
_BLANKS: Final = re.compile(r"[ \t]*\n[ \t]*")


class Raw(str):
    """Words that are already as the format wants them, such as a link."""

    __slots__ = ()


def clean(text: str) -> str:
    """Without control characters and lone surrogates, which no provider takes; lines end with a line feed."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "replace").decode("utf-8")
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) != "Cc")


def one_line(text: str) -> str:
    """Titles have no line breaks: a subject with one would be two headers."""
    return " ".join(text.split())


def markdown(fact: Any) -> str:
    """A fact inside a Markdown template: reads as written, whatever signs are in it, and keeps its line breaks."""
    if isinstance(fact, Raw):
        return fact
    text = _BLANKS.sub("\n", str(fact).strip())
    text = _ANYWHERE.sub(r"\\\g<0>", text)
    return _AT_THE_START.sub(_escaped, text).replace("\n", "  \n")


def _escaped(found: re.Match[str]) -> str:
    """`1.` would begin a list: its sign is escaped, not its digit."""
    return f"{found[1]}\\" if found[1] else f"\\{found[0]}"
