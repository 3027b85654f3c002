"""What providers report of messages that they have taken (回执): who may report, and what his words mean. Pure.

As JSON `[{"id" or "delivery": …, "receipt": "received" | "read" | "failed", "at": …, "reason": …}]`, or in a gateway's
own words, by JSON or by form, where the file of providers says which of its fields is which.
"""

import hashlib
import hmac
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal, NamedTuple, get_args
from urllib.parse import parse_qs
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, SecretStr

Word = Literal["received", "read", "failed"]
WORDS: tuple[Word, ...] = get_args(Word)
OLDEST_S = 300
PAST, AHEAD = timedelta(days=30), timedelta(days=1)
MOST = 1_000
_OURS = re.compile(r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})[-.]([0-9]{1,6})")
Json = dict[str, Any]


class ReceiptFields(BaseModel):
    """Which field of a report says what, and which of its words mean what; other words are passed over."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = "id"
    status: str = "receipt"
    at: str = "at"
    reason: str = "reason"
    received: tuple[str, ...] = ("received",)
    read: tuple[str, ...] = ("read",)
    failed: tuple[str, ...] = ("failed",)

    def meaning(self, said: str) -> Word | None:
        return next((word for word in WORDS if said in getattr(self, word)), None)


class ReceiptConfig(BaseModel):
    """`secret` signs what comes. `token_in_url`: a gateway that cannot sign shows it as `?token=` instead."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    secret: Annotated[SecretStr, Field(min_length=16)]
    token_in_url: bool = False
    fields: ReceiptFields = ReceiptFields()


class Reported(NamedTuple):
    """`delivery` is ours as alert and number, or the provider's own id of the message."""

    delivery: tuple[UUID, int] | str
    word: Word
    at: datetime
    reason: str


class Unreadable(Exception):
    """The report has another form than agreed."""


def is_welcome(config: ReceiptConfig, body: bytes, stamp: str, signature: str, token: str, now: datetime) -> bool:
    """Whether it is signed (HMAC-SHA256 over `<timestamp>.<body>`) and not old, or shows the token where it may."""
    secret = config.secret.get_secret_value().encode()
    if config.token_in_url and token:
        return hmac.compare_digest(token.encode(), secret)
    # As many digits as a clock may have: Python reads thousands of them as an error, not as a number.
    is_number = stamp.isascii() and stamp.isdecimal() and len(stamp) <= 19
    if not (is_number and abs(now.timestamp() - int(stamp)) <= OLDEST_S):
        return False
    wanted = hmac.new(secret, stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(f"sha256={wanted}".encode(), signature.encode(errors="replace"))


def reports(config: ReceiptConfig, body: bytes, is_form: bool, now: datetime) -> Iterator[Reported]:
    """What is said of each message. Raises Unreadable."""
    for row in _rows(body, is_form):
        fields = config.fields
        id_, word = _text(row.get("delivery") or row.get(fields.id)), fields.meaning(_text(row.get(fields.status)))
        if id_ and word:
            yield Reported(named(id_), word, _time(row.get(fields.at), now), _text(row.get(fields.reason))[:500])


def named(id_: str) -> tuple[UUID, int] | str:
    """`<alert>-<number>` (or with a dot) is a delivery of ours, as letters are named."""
    found = _OURS.fullmatch(id_)
    return (UUID(found[1]), int(found[2])) if found else id_


def _rows(body: bytes, is_form: bool) -> list[Json]:
    try:
        if is_form:
            return [{name: values[-1] for name, values in parse_qs(body.decode(), max_num_fields=100).items()}]
        said = json.loads(body)
    except (ValueError, RecursionError):
        raise Unreadable from None
    rows = said if isinstance(said, list) else [said]
    if len(rows) > MOST or not all(isinstance(row, dict) for row in rows):
        raise Unreadable
    return rows


def _text(said: object) -> str:
    """Words and numbers, with nothing in them that cannot be stored."""
    return str(said).encode("utf-8", "replace").decode() if isinstance(said, str | int | float) else ""


def _time(said: object, now: datetime) -> datetime:
    """ISO 8601 with a zone, or seconds since 1970; what is neither, lies ahead or is long past, is now."""
    at = _by_seconds(_text(said)) or _by_date(_text(said)) or now
    return min(at, now) if now - PAST <= at <= now + AHEAD else now


def _by_seconds(said: str) -> datetime | None:
    try:
        return datetime.fromtimestamp(float(said), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _by_date(said: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(said)
        return at.astimezone(UTC) if at.tzinfo else None
    except (ValueError, OverflowError):
        return None
