"""The child process that reads one document: `python -m services.knowledge.documents.extract`.

In: a line of JSON with the kind, then the file. Out: JSON, the text or why there is none. Whatever the file does to it,
only this process is harmed, and it can neither write files nor take more memory and time than it has.
"""

import json
import sys
from typing import Any, Final

from services.knowledge.child import confine
from services.knowledge.documents.plain import decoded, tidied
from services.knowledge.documents.trouble import Unreadable

MEMORY_MB, CPU_S = 1_024, 40
_DEEP: Final = 3_000


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


def answer(kind: str, data: bytes) -> dict[str, Any]:
    """What `read` says, or `trouble` with the code of what is wrong; never raises."""
    try:
        return read(kind, data)
    except Unreadable as refused:
        return {"trouble": refused.code}
    except MemoryError:
        return {"trouble": "too_complex"}
    except Exception:  # whatever a library makes of a damaged file; its words may quote what it has read
        return {"trouble": "broken"}


def main() -> None:
    confine(MEMORY_MB, CPU_S)
    sys.setrecursionlimit(_DEEP)
    kind = json.loads(sys.stdin.buffer.readline())["kind"]
    found = answer(kind, sys.stdin.buffer.read())
    sys.stdout.buffer.write(json.dumps(found, ensure_ascii=False).encode())


if __name__ == "__main__":
    main()
