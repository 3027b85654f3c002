"""What a document really is: the content decides, the name only between kinds of text. Pure."""

import codecs
import re
from typing import Final, Literal, NamedTuple

from services.knowledge.documents.trouble import Unreadable

Kind = Literal["docx", "pdf", "html", "markdown"]
_HEAD: Final = 8_192
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SCRIPT: Final = re.compile(rb"\s*(?:#!\s*/|@echo\s+off|<\?php|<job\b|<hta:)", re.IGNORECASE)
_PAGE: Final = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*)?(?>(?:<!--(?>.*?-->)\s*)*)<(?:!doctype\s+html|html|head|body)\b", re.I | re.S
)
_TEXTS: Final = frozenset(("md", "markdown", "txt", "text", ""))
_PAGES: Final = frozenset(("html", "htm", "xhtml"))
_ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")
_MARKS: Final = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class Sniffed(NamedTuple):
    kind: Kind
    media_type: str


_MEDIA: Final[dict[Kind, str]] = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
    "html": "text/plain",  # never as a page, which could run in a browser
    "markdown": "text/plain",
}


def sniff(name: str, data: bytes) -> Sniffed:
    """Raises Unreadable for what is no document that can be read."""
    if not data.strip(b"\0 \t\r\n\xef\xbb\xbf"):
        raise Unreadable("empty_file")
    kind = _kind(ending_of(name), data)
    return Sniffed(kind, _MEDIA[kind])


def ending_of(name: str) -> str:
    """What follows the last dot, in lower case."""
    plain = name.rstrip(" .\t")
    return plain.rpartition(".")[2].casefold() if "." in plain else ""


def _kind(ending: str, data: bytes) -> Kind:
    head = data[:_HEAD]
    if head.startswith(_OLE):
        raise Unreadable("encrypted" if _ENCRYPTED in data else "old_word")
    if head.lstrip().startswith(b"%PDF-") or (ending == "pdf" and b"%PDF-" in head[:1_024]):
        return "pdf"
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zipped(ending)
    if ending in ("docx", "pdf"):
        raise Unreadable("not_docx" if ending == "docx" else "mismatch")
    return _text(ending, head)


def _zipped(ending: str) -> Kind:
    """Whether it is a Word document is seen when it is opened."""
    if ending == "docx":
        return "docx"
    raise Unreadable("mismatch" if ending in _TEXTS | _PAGES | {"pdf"} and ending else "not_supported")


def _text(ending: str, head: bytes) -> Kind:
    if _SCRIPT.match(head.removeprefix(codecs.BOM_UTF8)):
        raise Unreadable("program")
    if ending not in _TEXTS | _PAGES:
        raise Unreadable("not_supported")
    import filetype  # 1 MB, for what happens now and then

    if not head.startswith(_MARKS) and (b"\0" in head or filetype.guess(head) is not None):
        raise Unreadable("mismatch")
    if ending in _PAGES or _PAGE.match(head.removeprefix(codecs.BOM_UTF8)):
        return "html"
    return "markdown"
