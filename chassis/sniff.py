"""What a file really is: the content decides, never the name or what the sender claims.

Programs and scripts are refused: what people send is opened by staff, on machines that reach the insurance network.
"""

import codecs
import re
from typing import Final, Literal, NamedTuple

Kind = Literal["file", "image", "audio", "video", "sticker"]
UNKNOWN = "application/octet-stream"
_HEAD = 8_192

# Voice messages begin like a script and are none.
_VOICE: Final = {b"#!AMR": "audio/amr", b"#!SILK": "audio/silk", b"\x02#!SILK": "audio/silk"}
_PROGRAMS: Final = (
    b"MZ", b"\x7fELF", b"\xfe\xed\xfa\xce", b"\xfe\xed\xfa\xcf", b"\xce\xfa\xed\xfe", b"\xcf\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe", b"\0asm", b"L\0\0\0\x01\x14\x02\0", b"\xed\xab\xee\xdb", b"dex\n",
)  # fmt: skip
_PROGRAM_ENDINGS: Final = frozenset((
    "exe", "com", "scr", "pif", "cpl", "dll", "sys", "drv", "ocx", "msi", "msp", "mst", "bat", "cmd", "ps1", "psm1",
    "vbs", "vbe", "js", "jse", "mjs", "ws", "wsf", "wsh", "hta", "lnk", "url", "reg", "inf", "scf", "jar", "class",
    "apk", "ipa", "app", "deb", "rpm", "sh", "bash", "csh", "zsh", "py", "pyc", "pyw", "pl", "rb", "php", "jsp",
    "asp", "aspx", "gadget", "application", "chm", "iso", "img", "vhd", "vhdx",
))  # fmt: skip
_SCRIPT: Final = re.compile(rb"\s*(?:#!\s*/|@echo\s+off|<\?php|<script|<job\b|<hta:)", re.IGNORECASE)
_PAGE: Final = re.compile(rb"\s*<(?:!doctype\s+html|html|head|body|svg)\b", re.IGNORECASE)
_TEXT_TYPES: Final = {"csv": "text/csv", "xml": "application/xml", "json": "application/json", "log": "text/plain"}
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OFFICE: Final = {
    "doc": "application/msword", "xls": "application/vnd.ms-excel", "ppt": "application/vnd.ms-powerpoint",
    "msg": "application/vnd.ms-outlook",
}  # fmt: skip
_TEXTUAL: Final = (b"%PDF", b"{\\rtf", b"%!PS")  # formats of their own, whatever their bytes
_MARKS: Final = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class Sniffed(NamedTuple):
    media_type: str
    kind: Kind


def sniff(name: str, data: bytes, claimed: str | None = None) -> Sniffed | None:
    """Media type and kind of a file. None when it is a program or a script, which nobody may keep."""
    head = data[:_HEAD]
    for magic, media_type in _VOICE.items():
        if head.startswith(magic):
            return Sniffed(media_type, "audio")
    ending = ending_of(name)
    # A text may begin with MZ (门诊); a program has zeros at once.
    program = head.startswith(_PROGRAMS) and b"\0" in head[:256]
    if program or ending in _PROGRAM_ENDINGS or _SCRIPT.match(_unmarked(head)):
        return None
    return _text(ending, data) or _known(ending, data) or Sniffed(UNKNOWN, _claimed_kind(claimed))


def ending_of(name: str) -> str:
    """What follows the last dot, in lower case; Windows ignores dots and spaces at the end, and so must we."""
    return name.rstrip(" .\t").rpartition(".")[2].casefold() if "." in name.rstrip(" .\t") else ""


def _unmarked(head: bytes) -> bytes:
    """UTF-16 would hide a script from patterns of bytes."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return head.decode("utf-16", "ignore").encode()
    return head.removeprefix(codecs.BOM_UTF8)


def _known(ending: str, data: bytes) -> Sniffed | None:
    if data.startswith(_OLE):
        return Sniffed(_OFFICE.get(ending, "application/x-ole-storage"), "file")
    import filetype  # 1 MB, for what happens now and then

    found = filetype.guess(data[: 1 << 16])
    if found is None:
        return None
    major = found.mime.partition("/")[0]
    if found.mime in ("application/x-msdownload", "application/x-executable"):
        return None
    return Sniffed(found.mime, major if major in ("image", "audio", "video") else "file")


def _text(ending: str, data: bytes) -> Sniffed | None:
    """Readable text; a page or drawing that could run in a browser counts as the text that it is written in."""
    head = data[:_HEAD]
    if head.startswith(_TEXTUAL):
        return None
    if not head.startswith(_MARKS) and (b"\0" in head or not _readable(head)):
        return None
    if _PAGE.match(_unmarked(head)):
        return Sniffed("text/plain", "file")
    return Sniffed(_TEXT_TYPES.get(ending, "text/plain"), "file")


def _readable(head: bytes) -> bool:
    for encoding in ("utf-8", "gb18030"):
        try:
            # Incremental: the last character may be cut in half where the head ends.
            text = codecs.getincrementaldecoder(encoding)().decode(head)
        except UnicodeDecodeError:
            continue
        return not any(c < " " and c not in "\t\n\r\f\v\x1b" for c in text)
    return False


def _claimed_kind(claimed: str | None) -> Kind:
    """Formats that cannot be told by their bytes keep the sender's word for the kind, which only sorts them."""
    match (claimed or "").partition("/")[0].strip().lower():
        case "audio":
            return "audio"
        case "video":
            return "video"
    return "file"
