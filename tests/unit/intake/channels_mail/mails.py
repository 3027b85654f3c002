"""Mails as mail programs send them, built byte by byte."""

import struct
from base64 import b64encode

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)) * 2


def mail(body: bytes = b"hello", *more: str, subject: str = "test", type_: str = "text/plain", **headers: str) -> bytes:
    """A mail with these headers; `more` are whole header lines."""
    given = {
        "From": "Li <li@hospital.example>",
        "To": "desk@yibao.example",
        "Subject": subject,
        "Message-ID": "<m1@hospital.example>",
        "Date": "Sun, 22 Nov 2026 09:30:00 +0800",
        "Content-Type": type_,
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    lines = [*(f"{name}: {value}" for name, value in given.items() if value), *more]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def word(text: str, charset: str) -> str:
    return f"=?{charset}?B?{b64encode(text.encode(charset)).decode()}?="


def multipart(*parts: tuple[str, bytes], kind: str = "mixed") -> tuple[str, bytes]:
    """Content type and body of parts, each with its header lines."""
    body = b"".join(b"--XX\r\n" + head.encode() + b"\r\n\r\n" + data + b"\r\n" for head, data in parts)
    return f'multipart/{kind}; boundary="XX"', body + b"--XX--\r\n"


def attached(name: str, data: bytes, type_: str = "application/octet-stream") -> tuple[str, bytes]:
    head = f'Content-Type: {type_}\r\nContent-Disposition: attachment; filename="{name}"'
    return f"{head}\r\nContent-Transfer-Encoding: base64", b64encode(data)


def winmail(*files: tuple[str, bytes]) -> bytes:
    """A TNEF envelope."""

    def attribute(id_: int, value: bytes) -> bytes:
        return struct.pack("<BII", 2, id_, len(value)) + value + struct.pack("<H", sum(value) & 0xFFFF)

    out = b"\x78\x9f\x3e\x22\x01\x00" + attribute(0x00089006, struct.pack("<I", 0x10000))
    for name, data in files:
        out += attribute(0x00069002, bytes(14)) + attribute(0x00018010, name.encode("gbk") + b"\0")
        out += attribute(0x0006800F, data)
    return out
