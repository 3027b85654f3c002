"""Keys with which machines ask for tokens: `ybk_<name>_<secret>`. Only the hash of the secret is kept anywhere."""

from hashlib import sha256
from hmac import compare_digest
from secrets import token_hex, token_urlsafe
from typing import Final, NamedTuple

_PREFIX: Final = "ybk"


class Made(NamedTuple):
    """`key` is shown once; `name` and `hash` are kept."""

    key: str
    name: str
    hash: str


def make() -> Made:
    name, secret = token_hex(6), token_urlsafe(32)
    return Made(f"{_PREFIX}_{name}_{secret}", name, _hash(secret))


def name_of(key: str) -> str:
    """Empty for what is no key."""
    prefix, _, rest = key.partition("_")
    return rest.partition("_")[0] if prefix == _PREFIX else ""


def matches(kept: str, key: str) -> bool:
    """Whether the key's secret is the one whose hash was kept."""
    return compare_digest(kept, _hash(key.split("_", 2)[-1]))


def _hash(secret: str) -> str:
    # Nothing slow: nobody guesses 256 random bits.
    return sha256(secret.encode()).hexdigest()
