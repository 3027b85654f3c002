"""A Word document as Markdown, by way of HTML. Used in the child process only.

What mammoth reads is checked before: how large it is when it is unpacked, and that no part of it declares entities.
Pictures are named and not taken over; linked files are never opened.
"""

import io
import zipfile
from typing import Any, Final
from xml.sax import SAXParseException

import defusedxml.expatreader
import mammoth
from defusedxml.common import DefusedXmlException

from services.knowledge.documents.from_html import markdown_of
from services.knowledge.documents.trouble import Unreadable

MOST_UNPACKED, MOST_PARTS, MOST_XML = 300 << 20, 5_000, 60 << 20
_BEFORE: Final = b"\xef\xbb\xbf\xff\xfe\0 \t\r\n"  # what may stand before XML
_STYLES: Final = "\n".join((  # Word's own names for headings are known; these are what WPS and translations use
    "p[style-name='Title'] => h1:fresh", "p[style-name='标题'] => h1:fresh", "u => em",
    *(f"p[style-name='标题 {n}'] => h{n}:fresh" for n in range(1, 7)),
))  # fmt: skip


def extract(data: bytes) -> tuple[str, str, list[str]]:
    """Title, Markdown, notes for the reader. Raises Unreadable."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            _check(parts)
    except (zipfile.BadZipFile, NotImplementedError, EOFError) as error:
        raise Unreadable("broken") from error
    images = 0

    def picture(_: Any) -> list[Any]:
        nonlocal images
        images += 1
        return [mammoth.html.element("img", {"alt": "", "src": ""})]

    page = mammoth.convert_to_html(io.BytesIO(data), convert_image=picture, style_map=_STYLES).value
    notes = [f"{images} 张图片没有收入, 请看原件"] if images else []
    return "", markdown_of(page), notes


def _check(parts: zipfile.ZipFile) -> None:
    """Raises Unreadable before anything of it is unpacked at length."""
    entries = parts.infolist()
    names = {entry.filename for entry in entries}
    if "[Content_Types].xml" not in names or not any(name.startswith("word/") for name in names):
        raise Unreadable("not_docx")
    if any(entry.flag_bits & 1 for entry in entries):
        raise Unreadable("encrypted")
    if len(entries) > MOST_PARTS or sum(entry.file_size for entry in entries) > MOST_UNPACKED:
        raise Unreadable("bomb")
    for entry in entries:  # whatever it is called: the document says itself which of its parts is the text
        with parts.open(entry) as source:
            is_xml = source.read(64).lstrip(_BEFORE).startswith(b"<")
        if is_xml:
            _check_xml(parts, entry)


def _check_xml(parts: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    if entry.file_size > MOST_XML:
        raise Unreadable("bomb")
    reader = defusedxml.expatreader.create_parser()
    try:
        with parts.open(entry) as source:
            reader.parse(source)
    except DefusedXmlException as error:
        raise Unreadable("entities") from error
    except SAXParseException:  # no XML, or damaged: mammoth will see, if it is anything that it reads
        pass
