"""Bytes as text, and text without what no database, index or page can carry. Pure."""

import codecs
import re
import unicodedata
from typing import Final

from services.knowledge.documents.trouble import Unreadable

MOST_CHARACTERS: Final = 1_000_000
_DECLARED: Final = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([A-Za-z0-9_-]{2,30})""", re.IGNORECASE)
_UNSEEN: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff\U000e0000-\U000e0fff]"
)
_LINE_END, _GAP = re.compile("\r\n?|[\u2028\u2029\x85]"), re.compile(r"\n{3,}")
_TRAILING = re.compile(r"(?<![ \t\u3000\xa0])[ \t\u3000\xa0]++$", re.MULTILINE)
_KNOWN: Final = {"gb2312": "gb18030", "gbk": "gb18030", "gb18030": "gb18030", "big5": "big5"}
_MARKS: Final = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


def decoded(data: bytes) -> str:
    """By its mark, by what it declares, as UTF-8, as GB 18030, whichever is right first. Raises Unreadable."""
    for mark, encoding in _MARKS.items():
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    found = _DECLARED.search(data[:4_096])
    declared = _KNOWN.get(found[1].decode().lower(), "utf-8") if found else "utf-8"
    for encoding in dict.fromkeys(("utf-8", declared, "gb18030")):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not _strange(text):
            return text
    raise Unreadable("not_text")


def tidied(text: str) -> str:
    """Lines end with \\n, nothing invisible, no two empty lines. Raises Unreadable over a million characters."""
    plain = unicodedata.normalize("NFC", _UNSEEN.sub("", _LINE_END.sub("\n", text))).replace("\xa0", " ")
    plain = _GAP.sub("\n\n", _TRAILING.sub("", plain)).strip("\n")
    if len(plain) > MOST_CHARACTERS:
        raise Unreadable("too_long")
    return plain


def _strange(text: str) -> bool:
    """Bytes that GB 18030 can just about read, and nobody else."""
    odd = sum((c < " " and c not in "\t\n\r\f\v") or "\ue000" <= c <= "\uf8ff" for c in text[:20_000])
    return odd * 50 > min(len(text), 20_000)
