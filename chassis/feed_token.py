"""Tokens in the addresses of feeds: calendar programs can subscribe to an address but cannot sign in.

Whoever has the address can read the feed, so that a token is good for one feed of one person, and says nothing else.
It follows from the desk's key: nothing is stored, and with another key all of them are void.
"""

from base64 import urlsafe_b64encode
from hashlib import blake2b
from hmac import compare_digest

_BYTES = 24


class FeedTokens:
    """`key` is the desk's secret key (see `chassis.vault.load_key`)."""

    def __init__(self, key: bytes) -> None:
        self._key = blake2b(b"feed", key=key, digest_size=32).digest()

    def token(self, feed: str, whose: str) -> str:
        """32 letters, digits, - and _."""
        digest = blake2b(f"{feed}\x1f{whose}".encode(), key=self._key, digest_size=_BYTES).digest()
        return urlsafe_b64encode(digest).decode()

    def fits(self, token: str, feed: str, whose: str) -> bool:
        """Compared in constant time."""
        return compare_digest(token.encode(), self.token(feed, whose).encode())
