"""Browsers that somebody has signed in from: what they hold says so, and opens nothing."""

from hashlib import blake2b
from hmac import compare_digest
from typing import Any, Final

from litestar import Response

from chassis.asking import AnyRequest
from services.console.signin.session import held, hold, settings_of

KNOWN: Final = "yibao-known"
_LASTS_S: Final = 180 * 24 * 3_600


def know(request: AnyRequest, answer: Response[Any], account: str) -> None:
    """The browser is to be known the next time, for this account."""
    hold(request, answer, _mark(request, account), KNOWN, _LASTS_S)


def is_known(request: AnyRequest, account: str) -> bool:
    return compare_digest(held(request, KNOWN).encode(), _mark(request, account).encode())


def _mark(request: AnyRequest, account: str) -> str:
    key = settings_of(request.app.state).desk_key
    return blake2b(f"known {account}".encode(), key=key, digest_size=24).hexdigest()
