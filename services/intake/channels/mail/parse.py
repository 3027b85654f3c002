"""A mail as it lies in the mailbox, read: who, when, what was written, which files, which conversation. Pure."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32
from email.utils import getaddresses, parsedate_to_datetime
from hashlib import sha256
from typing import Final, NamedTuple

from contracts.channel import ChannelMessage, Sender
from services.intake.channels.mail.parts import File, parts_of
from services.intake.channels.mail.text import is_forwarded, plain_subject, written
from services.intake.channels.mail.words import header_text
from services.intake.channels.reading import BadPayload, message_of

_ID: Final = re.compile(r"<\s*([^<>\s]{1,900})\s*>")
_LOOSE: Final = re.compile(r"<\s*([^<>\s@]+@[^<>\s]+)\s*>")
_OURS: Final = re.compile(r"^(mail-[0-9a-f]{40})\.[0-9a-f]{1,40}@")
_MACHINES: Final = ("mailer-daemon", "postmaster", "no-reply", "noreply", "do-not-reply", "donotreply")
_AUTOMATIC: Final = re.compile(
    r"^\s*(?:自动回复|自动答复|外出|假期自动|退信|系统退信|邮件投递失败|auto(?:matic)?[ -]?re(?:ply|sponse)"
    r"|out of office|undeliver|delivery status notification|mail delivery failed|returned mail)",
    re.IGNORECASE,
)
_REFERENCES = 20
NO_TEXT: Final = "（无正文）"
MAX_TEXT = 200_000  # of the original, which is kept encrypted; the case shows less


class Mail(NamedTuple):
    """`address` is where and how to answer; `files` still have to be kept before the message is published."""

    message: ChannelMessage
    files: list[File]
    address: dict[str, str]


Headers = dict[str, str]


def parse_mail(raw: bytes, received_at: datetime, ours: frozenset[str] = frozenset()) -> Mail | None:
    """The mail, or None when a machine or one of `ours` sent it. Raises BadPayload, and nothing else."""
    if not raw.strip():
        raise BadPayload("邮件是空的: 请到邮箱查看")
    try:
        parsed = BytesParser(policy=compat32).parsebytes(raw)
        headers = _headers(parsed)
        name, account = _first(headers, "from", "sender", "return-path")
        if account.lower() in ours or _is_automatic(parsed, headers, account):
            return None
        return _mail(parsed, headers, raw, received_at, name, account)
    except (ValueError, LookupError, TypeError, AttributeError, AssertionError, RecursionError) as error:
        # The standard library's parser fails on some malformed structures in all these ways.
        raise BadPayload("邮件的格式无法解析: 请到邮箱查看") from error


def _mail(parsed: Message, headers: Headers, raw: bytes, received_at: datetime, name: str, account: str) -> Mail:
    if not account:
        raise BadPayload("邮件没有可用的发件人: 请到邮箱查看")
    subject = headers.get("subject", "")
    text, files = parts_of(parsed, is_forwarded(subject))
    own, message_id = _ids(headers.get("message-id", "")), f"sha256-{sha256(raw).hexdigest()}"
    references = [*_ids(headers.get("references", "")), *_ids(headers.get("in-reply-to", ""))]
    conversation = conversation_id_of([*references, *own] or [message_id])
    said = written(text, is_forwarded(subject)) or plain_subject(subject)
    message = message_of(
        message_id=own[0] if own and len(own[0]) <= 200 else message_id,
        channel="email",
        conversation_id=conversation,
        sender=Sender(id=account[:200].lower(), name=name[:100]),
        subject=plain_subject(subject)[:500],
        text=said[:MAX_TEXT] or NO_TEXT,
        occurred_at=_sent_at(headers.get("date", ""), received_at),
    )
    return Mail(message, files, _address(headers, account, conversation, [*references, *own]))


def conversation_id_of(references: list[str]) -> str:
    """The conversation of a mail: named in an id that we gave, else by the hash of the mail that it began with."""
    if ours := [m[1] for m in map(_OURS.match, references) if m]:
        return ours[0]
    return f"mail-{sha256(references[0].encode('utf-8', 'replace')).hexdigest()[:40]}"


def address_after(known: dict[str, str] | None, mail: Mail) -> dict[str, str]:
    """What to remember as the address of the mail's conversation, empty when that stays as it is.

    Answers go to whoever began: a colleague's mail or one from elsewhere in the same thread does not redirect them.
    """
    if mail.message.sender.role == "staff":
        return {}
    before = (known.get("from") or known.get("to", "")).lower() if known else ""
    return mail.address if before in ("", mail.address["from"]) else {}


def _address(headers: Headers, account: str, conversation: str, references: list[str]) -> dict[str, str]:
    _, reply_to = _first(headers, "reply-to")
    # Whoever forges a header could have the desk's answers sent anywhere: only within the sender's own domain.
    if reply_to.rpartition("@")[2].lower() != account.rpartition("@")[2].lower():
        reply_to = ""
    chain = dict.fromkeys(references)  # an id that stands in both headers counts once
    return {
        "to": reply_to or account,
        "from": account.lower(),
        "subject": plain_subject(headers.get("subject", ""))[:500],
        "conversation": conversation,
        "in_reply_to": references[-1] if references else "",
        "references": " ".join([*list(chain)[:1], *list(chain)[1:][-_REFERENCES:]]),
    }


def _headers(parsed: Message) -> Headers:
    """The first header of each name; later ones were put there to confuse."""
    found: Headers = {}
    for name, value in parsed.raw_items():
        found.setdefault(name.lower(), header_text(str(value)))
    return found


def _first(headers: Headers, *names: str) -> tuple[str, str]:
    """Name and mailbox of the first of these headers that has one."""
    for value in filter(None, map(headers.get, names)):
        for name, account in _mailboxes(value):
            return name, account
    return "", ""


def _mailboxes(value: str) -> Iterator[tuple[str, str]]:
    # A name with a comma or a bracket is usually sent without the quotes that it needs.
    # The last one counts: a name may look like a mailbox.
    for loose in [*_LOOSE.finditer(value)][-1:]:
        yield value[: loose.start()].strip(" \"'"), loose[1]
    for name, account in getaddresses([value]):
        if re.fullmatch(r"[^<>\s@]+@[^<>\s@]+", account):
            yield name, account


def _is_automatic(parsed: Message, headers: Headers, account: str) -> bool:
    """Absence notices and bounces are no questions, and answering them never ends."""
    return (
        headers.get("auto-submitted", "no").lower().split(";")[0].strip() not in ("no", "")
        or any(name in headers for name in ("x-autoreply", "x-autorespond", "x-failed-recipients"))
        or headers.get("precedence", "").lower() == "auto_reply"
        or headers.get("return-path", "").replace(" ", "") == "<>"
        or account.lower().partition("@")[0] in _MACHINES
        or parsed.get_content_type() == "multipart/report"
        or _AUTOMATIC.match(headers.get("subject", "")) is not None
    )


def _ids(value: str) -> list[str]:
    return [found[1] for found in _ID.finditer(value)]


def _sent_at(value: str, received_at: datetime) -> datetime:
    try:
        sent = parsedate_to_datetime(value)
        return (sent if sent.tzinfo else sent.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return received_at
