"""Signed tokens: who asks, as what, for which institutions. Every service reads them, the desk's door makes them.

A JSON Web Token (RFC 7519) signed by HMAC-SHA256 with a key that follows from the desk's. Written out here because the
libraries load 8 MB of cryptography into every service for one HMAC; a test holds it against one of them.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime
from hashlib import blake2b, sha256
from hmac import compare_digest, new
from typing import Annotated, Any, Final

import msgspec

from contracts.identity import Role

LIVES_S: Final = 300
LONGEST: Final = 8_192
_LEEWAY_S = 30
_HEADER = b'{"alg":"HS256","typ":"JWT"}'
_Name = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class Principal(msgspec.Struct, frozen=True):
    """`institutions` are those of a hospital's account, `districts` those of an officer (none: all of the centre's).
    `until` is when his token ends, in seconds since 1970; 0 where there is none.
    """

    account: _Name
    role: Role
    name: str = ""
    institutions: tuple[str, ...] = ()
    districts: tuple[str, ...] = ()
    machine: bool = False
    until: int = 0


class _Claims(msgspec.Struct):
    sub: _Name
    role: Role
    aud: str
    iat: int
    exp: int
    name: str = ""
    inst: tuple[str, ...] = ()
    dist: tuple[str, ...] = ()
    machine: bool = False


class NotSigned(Exception):
    """The token is not one of this desk's, is another service's, or has expired; the message says which, in Chinese."""


class Signer:
    """Makes and reads tokens; `key` is the desk's secret key (see `chassis.vault.load_key`)."""

    def __init__(self, key: bytes) -> None:
        self._key = blake2b(b"token", key=key, digest_size=32).digest()

    def sign(self, who: Principal, audience: str, now: datetime, lives_s: int = LIVES_S) -> str:
        """A token that `audience`, a service's name, takes for `lives_s` seconds."""
        issued = int(now.timestamp())
        claims = _Claims(
            sub=who.account, role=who.role, aud=audience, iat=issued, exp=issued + lives_s, name=who.name,
            inst=who.institutions, dist=who.districts, machine=who.machine,
        )  # fmt: skip
        signed = _encoded(_HEADER) + b"." + _encoded(msgspec.json.encode(claims))
        return (signed + b"." + _encoded(self._mac(signed))).decode()

    def read(self, token: str, audience: str, now: datetime) -> Principal:
        """Raises NotSigned."""
        claims = self._claims(token)
        at = now.timestamp()
        if claims.aud != audience:
            raise NotSigned("令牌是给另一个服务的: 请向统一登录换取本服务的令牌")
        if at >= claims.exp:
            raise NotSigned("令牌已过期: 请重新换取")
        if claims.iat - _LEEWAY_S > at:
            raise NotSigned("令牌尚未生效: 请校准服务器时钟")
        return Principal(claims.sub, claims.role, claims.name, claims.inst, claims.dist, claims.machine, claims.exp)

    def _claims(self, token: str) -> _Claims:
        # The signature first: nothing of a token that somebody made up is looked at, its choice of algorithm included.
        try:
            signed, _, mac = token.encode("ascii").rpartition(b".")
            genuine = len(token) <= LONGEST and compare_digest(mac, _encoded(self._mac(signed)))
            header, _, body = signed.partition(b".")
            if genuine and _decoded(header) == _HEADER:
                return msgspec.json.decode(_decoded(body), type=_Claims)
        except (ValueError, msgspec.MsgspecError):
            pass
        raise NotSigned("令牌无效: 请重新登录")

    def _mac(self, signed: bytes) -> bytes:
        return new(self._key, signed, sha256).digest()


def _encoded(raw: bytes) -> bytes:
    return urlsafe_b64encode(raw).rstrip(b"=")


def _decoded(text: bytes) -> bytes:
    """Raises ValueError."""
    return urlsafe_b64decode(text + b"=" * (-len(text) % 4))


def bearer(header: str) -> str:
    """The token of an `Authorization` header; empty where there is none."""
    scheme, _, token = header.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def claims_of(token: str) -> dict[str, Any]:
    """What a token says of itself, unchecked: for people who look at one."""
    claims: dict[str, Any] = msgspec.json.decode(_decoded(token.split(".")[1].encode()))
    return claims
