"""The parts of a mail: the one that says most becomes the text, the others become files. Pure."""

from email.message import Message
from typing import Final, NamedTuple

from services.intake.channels.mail.html import html_to_text
from services.intake.channels.mail.tnef import SIGNATURE, unpack
from services.intake.channels.mail.words import decode, header_text

_SPACER = 256  # an inline picture of so few bytes draws a line or tells that the mail was opened
_MAX_PARTS = 200
_ENDINGS: Final = {"image/png": ".png", "image/jpeg": ".jpg", "image/gif": ".gif", "message/rfc822": ".eml"}


class File(NamedTuple):
    name: str
    data: bytes
    media_type: str


def parts_of(mail: Message, forwarded: bool = False) -> tuple[str, list[File]]:
    """Text and files of a mail. `forwarded`: what it quotes belongs to the text."""
    plain: list[str] = []
    html: list[str] = []
    files: list[File] = []
    for part in _leaves(mail):
        body = _bytes_of(part)
        media_type, disposition = part.get_content_type(), part.get_content_disposition()
        if media_type.startswith("text/") and disposition != "attachment" and not _name_of(part):
            charset = part.get_param("charset", "")
            text = decode(body, charset if isinstance(charset, str) else "")
            (html if media_type == "text/html" else plain).append(text)
        elif body and not (media_type.startswith("image/") and len(body) < _SPACER and disposition != "attachment"):
            files += _files(part, body)
    text = "\n".join(plain).strip()
    # Some senders leave a plain part that says only that there is an HTML one.
    from_html = "\n".join(html_to_text(page, forwarded) for page in html).strip()
    return (text if len(text) >= min(len(from_html), 20) else from_html), files


def _leaves(mail: Message) -> list[Message]:
    """Parts that hold something; a mail within the mail is one part, not its parts."""
    found: list[Message] = []
    waiting: list[Message] = [mail]
    while waiting and len(found) < _MAX_PARTS:
        part = waiting.pop(0)
        payload = part.get_payload()
        if isinstance(payload, list) and part.get_content_maintype() == "multipart":
            waiting = [p for p in payload if isinstance(p, Message)] + waiting
        else:
            found.append(part)
    return found


def _bytes_of(part: Message) -> bytes:
    payload = part.get_payload()
    if isinstance(payload, list):
        return b"\n".join(p.as_bytes() for p in payload if isinstance(p, Message))
    body = part.get_payload(decode=True)
    return body if isinstance(body, bytes) else b""


def _files(part: Message, body: bytes) -> list[File]:
    if body.startswith(SIGNATURE) and (hidden := unpack(body)):
        return [File(f.name, f.data, "application/octet-stream") for f in hidden]
    media_type = part.get_content_type()
    return [File(_name_of(part) or f"附件{_ENDINGS.get(media_type, '')}", body, media_type)]


def _name_of(part: Message) -> str:
    """The file name, also where it stands in the header as bare bytes."""
    named = Message()
    for header, value in part.raw_items():
        if header.lower() in ("content-disposition", "content-type") and header not in named:
            named[header] = decode(str(value).encode("utf-8", "surrogateescape"))
    name = named.get_filename()
    return header_text(name) if isinstance(name, str) else ""
