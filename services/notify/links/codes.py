"""The code by which a message's alert is acknowledged in an answer to it. Pure.

It follows from alert and recipient, so none is stored: it is sought among the alerts of the last days.
"""

import hmac
from collections import defaultdict
from collections.abc import Collection, Iterable
from hashlib import blake2b, sha256
from typing import NamedTuple
from uuid import UUID

from contracts.channel import CODE_ALPHABET, CODE_LENGTH, answer_code, checked_code


class Told(NamedTuple):
    """Whom an alert was handed to."""

    alert_id: UUID
    recipient: str


class Codes:
    """The code of an alert for a recipient: 25 bits that cannot be guessed without the desk's key, and a check."""

    def __init__(self, key: bytes) -> None:
        self._key = blake2b(b"notify answers", key=key, digest_size=32).digest()

    def code(self, alert_id: UUID, recipient: str) -> str:
        """Six characters to be typed: two letters and a digit are among them, so that it is no number and no word."""
        for turn in range(256):
            digest = hmac.digest(self._key, alert_id.bytes + bytes((turn,)) + recipient.encode(), sha256)
            code = checked_code("".join(CODE_ALPHABET[byte & 31] for byte in digest[: CODE_LENGTH - 1]))
            if answer_code(code) == code:
                return code
        raise AssertionError("a letter and a digit come up long before")

    def by_code(self, told: Iterable[Told]) -> dict[str, list[Told]]:
        """Several where they share a code by chance."""
        found: defaultdict[str, list[Told]] = defaultdict(list)
        for one in told:
            found[self.code(*one)].append(one)
        return found


def allowed(one: Told, keys: Collection[str]) -> str | None:
    """Who takes it on when the account of `keys` has answered; None when that is no business of theirs."""
    if one.recipient in keys:
        return one.recipient
    return next((key for key in sorted(keys) if key.startswith("staff:")), None)
