"""What reads bytes of strangers, each as one function from bytes to a word for what came of it, with sound samples.

`Unfit` is the one error that a parser may raise; everything else is a crash.
"""

import base64
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

from bench.fuzz_samples import CALL, KF, LINES, MAIL, QQ, RECORD, ROBOT, TEXTS, TNEF, VISIT, XML, as_json, workbook
from chassis.personal.masking import mask, mask_id, mask_reply
from chassis.sniff import sniff
from contracts.channel import ChannelMessage
from services.intake.channels.forms.messages import message_of_form, message_of_visit, parse_form, parse_visit
from services.intake.channels.imports.rows import read_import, rejects_csv
from services.intake.channels.mail.parse import parse_mail
from services.intake.channels.mail.tnef import unpack
from services.intake.channels.onebot.messages import parse_onebot
from services.intake.channels.phone.messages import message_of_call, message_of_missed, parse_call, parse_note
from services.intake.channels.reading import BadPayload, json_of
from services.intake.channels.wecom.crypto import Envelope, Forged
from services.intake.channels.wecom.group import parse_archive, parse_robot, reply_url
from services.intake.channels.wecom.kf import parse_page, parse_ring
from services.intake.channels.wecom.messages import encrypted_of, parse_wecom
from services.intake.text.findings import find
from services.intake.text.pasted import pasted
from services.intake.text.plain import MAX_TEXT, cut, fingerprint, normalise, title
from services.intake.text.quoted import said, unquote

NOW, ZONE = datetime(2026, 11, 22, 4, tzinfo=UTC), ZoneInfo("Asia/Shanghai")
KEY = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ"
Unfit = (BadPayload, Forged)
_ENVELOPE = Envelope("token", KEY, ("ww1", ""))


class Target(NamedTuple):
    """`read` gives a word for the outcome; `samples` are sound."""

    name: str
    read: Callable[[bytes], str]
    samples: tuple[bytes, ...]


def _told(message: ChannelMessage | None) -> str:
    """A message must also survive its way through the log."""
    if message is None:
        return "nothing"
    again = ChannelMessage.model_validate_json(message.model_dump_json())
    assert again.message_id == message.message_id and again.text == message.text
    return f"{message.channel}{'+' if message.attachments else ''}{'q' if message.quote else ''}"


def _wecom(data: bytes) -> str:
    parse_ring(data)
    return _told(parse_wecom(data))


def _robot(data: bytes) -> str:
    reply_url(data)
    return _told(parse_robot(data, NOW))


def _kf(data: bytes) -> str:
    answer = json_of(data)
    page = parse_page(answer, "c") if isinstance(answer, dict) else None
    return f"{len(page.messages)} of {len(page.messages) + len(page.wrong)}" if page else "nothing"


def _crypto(data: bytes) -> str:
    """As cipher text, and as what somebody who has the key has sealed."""
    with suppress(*Unfit):
        _ENVELOPE.open(data.decode(errors="replace"))
    key = base64.b64decode(KEY + "=")
    writer = Cipher(AES(key), CBC(key[:16])).encryptor()
    sealed = writer.update(data + bytes(-len(data) % 16)) + writer.finalize()
    return str(len(_ENVELOPE.open(base64.b64encode(sealed).decode())))


def _call(data: bytes) -> str:
    payload = json_of(data)
    heard = parse_call(payload)
    _told(message_of_missed(heard, "x", ZONE))
    note, known = parse_note(heard.call_id, payload)
    return _told(message_of_call(known, note, NOW, "x"))


def _form(data: bytes) -> str:
    fields = json_of(data)
    return _told(message_of_form(parse_form(fields), "m", "p", (), NOW)) if isinstance(fields, dict) else "nothing"


def _mail(data: bytes) -> str:
    found = parse_mail(data, NOW)
    return "nothing" if found is None else f"{_told(found.message)} {len(found.files)}"


def _sheet(data: bytes) -> str:
    found = read_import(data, NOW, "phone")
    for message in found.messages:
        _told(message)
    rejects_csv(found.header, found.rejected)
    return f"{len(found.messages)} {len(found.rejected)}"


def _text(data: bytes) -> str:
    plain = cut(normalise(data.decode("utf-8", "surrogateescape" if data[:1] == b"\xff" else "replace")))[0]
    masked = mask(plain)
    assert len(masked) <= MAX_TEXT + 64 and len(mask_reply(masked)) <= MAX_TEXT + 64
    found, quoted, own = find(masked), unquote(masked)[0], said(masked)
    fingerprint(own), title(masked), mask_id(plain[:200])
    envelope = pasted(masked)
    return f"{found.infno is not None} {found.error is not None} {bool(quoted)} {envelope and envelope.kind}"


TARGETS = (
    Target("wecom", _wecom, (XML("text", "<Content>2207</Content>").encode(),
                             XML("image", "<PicUrl>http://x</PicUrl><MediaId>m</MediaId>").encode(),
                             XML("event", "<Event>kf_msg_or_event</Event><Token>T</Token>").encode())),
    Target("wecom envelope", lambda data: str(len(encrypted_of(data))),
           (b"<xml><Encrypt><![CDATA[eA==]]></Encrypt></xml>",)),
    Target("wecom crypto", _crypto, (b"A" * 64, bytes(16) + b"\0\0\0\x05helloww1" + b"\x04" * 4)),
    Target("wecom robot", _robot, (as_json(ROBOT), XML("event", "<From><UserId>u</UserId></From>").encode())),
    Target("wecom archive", lambda data: _told(parse_archive(json_of(data))), (as_json(RECORD),)),
    Target("wecom customer service", _kf, (as_json(KF),)),
    Target("onebot", lambda data: _told(parse_onebot(json_of(data))),
           (as_json(QQ), as_json({**QQ, "message": "[CQ:at,qq=1]x&#91;[CQ:image,url=http://x]"}))),
    Target("phone", _call, (as_json(CALL),)),
    Target("web form", _form, (as_json({"name": "n", "contact": "c", "subject": "s", "text": "t", "form_id": "f"}),)),
    Target("onsite", lambda data: _told(message_of_visit(parse_visit(json_of(data), NOW), "s", "p", NOW)),
           (as_json(VISIT),)),
    Target("mail", _mail, (MAIL.encode(),)),
    Target("sheet", _sheet, (LINES[0].encode(), LINES[1].encode("gbk"), workbook())),
    Target("sniff", lambda data: str(sniff(data[:12].decode("latin-1"), data[12:])),
           (b"picture.jpeg\xff\xd8\xff\xe0", b"protocol.txtMZ\0", b"report.xls  \xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")),
    Target("tnef", lambda data: str(len(unpack(data))), (TNEF,)),
    Target("text", _text, tuple(t.encode() for t in TEXTS)),
)  # fmt: skip
