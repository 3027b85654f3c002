"""`winmail.dat`: the envelope in which Outlook hides files from everybody else. Pure.

A list of attributes: level (1 byte), id (4), length (4), data, checksum (2). A file begins with its rendering data.
"""

import struct
from typing import Final, NamedTuple

from services.intake.channels.mail.words import decode

SIGNATURE: Final = b"\x78\x9f\x3e\x22"
_HEADER: Final = struct.Struct("<BII")
_BEGINS, _TITLE, _DATA = 0x00069002, 0x00018010, 0x0006800F


class Unpacked(NamedTuple):
    name: str
    data: bytes


def unpack(data: bytes) -> list[Unpacked]:
    """The files within; of a damaged one, those that are whole."""
    files: list[Unpacked] = []
    at = len(SIGNATURE) + 2 if data.startswith(SIGNATURE) else len(data)
    while at + _HEADER.size <= len(data):
        _, kind, length = _HEADER.unpack_from(data, at)
        at += _HEADER.size
        if at + length > len(data):
            break
        files = _with(files, kind, data[at : at + length])
        at += length + 2
    return [f for f in files if f.data]


def _with(files: list[Unpacked], kind: int, value: bytes) -> list[Unpacked]:
    if kind == _BEGINS:
        return [*files, Unpacked("附件", b"")]
    if files and kind == _TITLE:
        return [*files[:-1], files[-1]._replace(name=decode(value.split(b"\0")[0]) or "附件")]
    if files and kind == _DATA:
        return [*files[:-1], files[-1]._replace(data=value)]
    return files
