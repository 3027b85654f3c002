"""The child process that reads one document: `python -m services.knowledge.documents.extract`.

In: a line of JSON with the kind, the title that was given and the file's name, then the file. Out: JSON, the parts that
become articles, masked, or why there are none. Whatever the file does to it, only this process is harmed, and it can
neither write files nor take more memory and time than it has: so all that looks at its text is done here.
"""

import sys
from typing import Any, Final

import msgspec

from services.knowledge.child import confine
from services.knowledge.documents.plain import decoded, tidied
from services.knowledge.documents.shaping import Part, shaped
from services.knowledge.documents.trouble import Unreadable

MEMORY_MB, CPU_S = 1_024, 40
_DEEP: Final = 3_000


class Asked(msgspec.Struct):
    """The file of this `name`; `title` may be empty."""

    kind: str
    title: str = ""
    name: str = ""


class Answer(msgspec.Struct):
    """`notes` are what the reader has to know; `trouble` is the code of what is wrong, and then there are no parts."""

    parts: list[Part] = []
    notes: list[str] = []
    trouble: str = ""


def read(kind: str, data: bytes) -> dict[str, Any]:
    """`title`, `text` as Markdown, and `notes`. Raises Unreadable."""
    title, text, notes = _extracted(kind, data)
    text = tidied(text)
    if not text.strip("#|-*>[]图: \n\t"):
        raise Unreadable("no_text")
    return {"title": tidied(title)[:200], "text": text, "notes": notes}


def _extracted(kind: str, data: bytes) -> tuple[str, str, list[str]]:
    if kind == "markdown":
        return "", decoded(data), []
    if kind == "html":
        from services.knowledge.documents.from_html import markdown_of, title_of

        page = decoded(data)
        return title_of(page), markdown_of(page), []
    if kind == "docx":
        from services.knowledge.documents import from_docx

        return from_docx.extract(data)
    from services.knowledge.documents import from_pdf

    return from_pdf.extract(data)


def answer(asked: Asked, data: bytes) -> Answer:
    """Never raises."""
    try:
        found = read(asked.kind, data)
        return Answer(shaped(found["text"], tidied(asked.title) or found["title"], asked.name), found["notes"])
    except Unreadable as refused:
        return Answer(trouble=refused.code)
    except (MemoryError, RecursionError):
        return Answer(trouble="too_complex")
    except Exception:  # whatever a library makes of a damaged file; its words may quote what it has read
        return Answer(trouble="broken")


def main() -> None:
    confine(MEMORY_MB, CPU_S)
    sys.setrecursionlimit(_DEEP)
    asked = msgspec.json.decode(sys.stdin.buffer.readline(), type=Asked)
    sys.stdout.buffer.write(msgspec.json.encode(answer(asked, sys.stdin.buffer.read())))


if __name__ == "__main__":
    main()
