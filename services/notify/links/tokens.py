"""Links in messages: a token that only this desk can make, for one delivery, until a certain minute. Pure.

36 bytes, 48 characters: alert, delivery, expiry and 104 bits of HMAC-SHA256. The recipient is not in it but covered by
the HMAC: whoever checks the token reads from the alert whose delivery it is, so that no link tells a name.
"""

import base64
import binascii
import hmac
from datetime import UTC, datetime, timedelta
from hashlib import blake2b, sha256
from math import ceil
from typing import NamedTuple
from uuid import UUID

_ID, _NTH, _EXPIRY, _MAC = 16, 3, 4, 13
_SIZE = _ID + _NTH + _EXPIRY + _MAC
_MINUTE = timedelta(minutes=1)
_BEGIN = datetime(2020, 1, 1, tzinfo=UTC)


class Forged(Exception):
    """Not made here, or changed since."""


class Opened(NamedTuple):
    """What a token says. Nothing of it is to be believed before `Links.check`."""

    alert_id: UUID
    delivery: int
    expires_at: datetime
    said: bytes
    mac: bytes


class Links:
    """Makes and checks links. `key` is the desk's secret key; `base` is the address that people reach notify at."""

    def __init__(self, key: bytes, base: str) -> None:
        self._key = blake2b(b"notify links", key=key, digest_size=32).digest()
        self._base = base.rstrip("/")

    def link_of(self, alert_id: UUID, delivery: int, recipient: str, expires_at: datetime) -> str:
        """Where `recipient` reads and acknowledges; empty where nobody has said which address notify is reached at."""
        return f"{self._base}/l/{self.token(alert_id, delivery, recipient, expires_at)}" if self._base else ""

    def token(self, alert_id: UUID, delivery: int, recipient: str, expires_at: datetime) -> str:
        """Valid until the end of the minute of `expires_at`."""
        minutes = ceil((expires_at - _BEGIN) / _MINUTE)
        said = alert_id.bytes + delivery.to_bytes(_NTH) + minutes.to_bytes(_EXPIRY)
        return base64.urlsafe_b64encode(said + self._mac(said, recipient)).decode()

    def check(self, opened: Opened, recipient: str) -> None:
        """Raises Forged unless the token was made here for this recipient."""
        if not hmac.compare_digest(opened.mac, self._mac(opened.said, recipient)):
            raise Forged

    def _mac(self, said: bytes, recipient: str) -> bytes:
        return hmac.new(self._key, said + recipient.encode(), sha256).digest()[:_MAC]


def opened(token: str) -> Opened:
    """Raises Forged for what no token can be."""
    try:
        raw = base64.b64decode(token.encode("ascii"), altchars=b"-_", validate=True)
    except (UnicodeEncodeError, binascii.Error):
        raise Forged from None
    if len(raw) != _SIZE or len(token) != _SIZE * 4 // 3:
        raise Forged
    said, mac = raw[:-_MAC], raw[-_MAC:]
    minutes = int.from_bytes(said[-_EXPIRY:])
    nth = int.from_bytes(said[_ID : _ID + _NTH])
    try:
        return Opened(UUID(bytes=said[:_ID]), nth, _BEGIN + minutes * _MINUTE, said, mac)
    except OverflowError:  # later than any calendar goes
        raise Forged from None
