"""The words of a mail's headers and parts, whatever character set they claim to be in.

Mails from hospitals say gb2312 and mean gb18030, say nothing and send GBK, or say gb2312 over UTF-8. Nothing here
raises. Pure.
"""

import codecs
import re
from base64 import b64decode
from quopri import decodestring
from typing import Final

_WORD: Final = re.compile(rb"=\?([A-Za-z0-9_\-.:]{1,40})(?:\*[A-Za-z\-]{0,20})?\?([bBqQ])\?([^?\r\n]*)\?=")
_CHINESE: Final = frozenset({"gb2312", "gbk", "gb18030", "cp936", "x-gbk", "gb_2312-80", "csgb2312", "euc-cn", "hz"})
_VAGUE: Final = frozenset(
    {"", "us-ascii", "ascii", "iso-8859-1", "latin1", "latin-1", "unknown-8bit", "8bit", "default"}
)
_CONVINCING: Final = 6  # so many bytes beyond ASCII that are UTF-8 by chance are not Chinese in GBK


def decode(data: bytes, claimed: str = "") -> str:
    """Text of bytes: UTF-8 where they can hardly be anything else, then the claim, then GB18030."""
    if data.isascii() and not (name := claimed.strip("\"' ").lower()).startswith(("iso-2022", "utf-7", "utf-16", "hz")):
        return data.decode("ascii")
    name = claimed.strip("\"' ").lower()
    beyond = sum(b > 127 for b in data[:4_096])
    first = ["utf-8"] if name in _VAGUE or (beyond >= _CONVINCING and not name.startswith("utf-16")) else []
    for encoding in [*first, *_claims(name), "utf-8", "gb18030"]:
        try:
            # Some character sets can carry halves of characters, which nothing behind this can.
            return data.decode(encoding).encode(errors="replace").decode()
        except (ValueError, LookupError):
            continue
    return data.decode("gb18030" if _claims(name) == ["gb18030"] else "utf-8", "replace")


def _claims(name: str) -> list[str]:
    """The encoding that a claim means, if it is one of text."""
    if name in _VAGUE:
        return []
    if name in _CHINESE and name != "hz":
        return ["gb18030"]
    try:
        found = codecs.lookup(name)
    except (LookupError, ValueError):
        return []
    # Codecs such as hex or zip are no character sets.
    return [found.name] if getattr(found, "_is_text_encoding", True) else []


def header_text(value: str) -> str:
    """A header as people read it: encoded words and raw bytes alike, on one line."""
    raw = value.encode("utf-8", "surrogateescape")
    out, at = "", 0
    claimed, held = "", b""
    for word in _WORD.finditer(raw):
        between = raw[at : word.start()]
        charset, data = word[1].decode("ascii"), _word_bytes(word[2], word[3])
        if between.strip() or charset.lower() != claimed.lower():
            # Mailers cut Chinese characters in half between words of the same character set: these are joined first.
            out += decode(held, claimed) + (decode(between) if between.strip() or not at else "")
            claimed, held = charset, b""
        held, at = held + data, word.end()
    return " ".join((out + decode(held, claimed) + decode(raw[at:])).split())


def _word_bytes(encoding: bytes, data: bytes) -> bytes:
    if encoding in b"qQ":
        return decodestring(data, header=True)
    try:
        return b64decode(data + b"=" * (-len(data) % 4))
    except ValueError:
        return b""
