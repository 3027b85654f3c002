"""Browsers and their push service: VAPID is checked, and messages are decrypted as a browser would, from the RFCs."""

import base64
import json
import os
import time
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.support.providers.core import Answer, Request, Taken, Vendor

VAPID_KEY = "zFqrbHMlRzwpLWUE6HE8uvG7f6ECnBLWZmAoClNhKuE"
"""A private key of tests."""


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Browser:
    """One subscription."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._auth = os.urandom(16)

    @property
    def keys(self) -> dict[str, str]:
        return {"p256dh": b64(self._point), "auth": b64(self._auth)}

    @property
    def _point(self) -> bytes:
        return self._key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    def read(self, body: bytes) -> bytes:
        """Raises InvalidTag, ValueError."""
        salt, length = body[:16], body[20]
        theirs, sealed = body[21 : 21 + length], body[21 + length :]
        shared = self._key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), theirs))
        info = b"WebPush: info\x00" + self._point + theirs
        secret = HKDF(SHA256(), 32, self._auth, info).derive(shared)
        key = HKDF(SHA256(), 16, salt, b"Content-Encoding: aes128gcm\x00").derive(secret)
        nonce = HKDF(SHA256(), 12, salt, b"Content-Encoding: nonce\x00").derive(secret)
        return AESGCM(key).decrypt(nonce, sealed, None).rstrip(b"\x00").removesuffix(b"\x02")


@dataclass
class Browsers(Vendor):
    """`POST /push/{name}`; what a browser no longer subscribes to is gone (410)."""

    prefixes: tuple[str, ...] = ("/push/",)
    there: dict[str, Browser] = field(default_factory=dict)

    def subscribe(self, name: str, url: str) -> str:
        """The address of a new browser, as JSON; `url` is that of the push service."""
        self.there[name] = Browser()
        return json.dumps({"endpoint": f"{url}/push/{name}", "keys": self.there[name].keys})

    def words(self, request: Request) -> str:
        return request.path

    def answer(self, request: Request) -> Answer:
        name = request.path.rsplit("/", 1)[-1]
        if (browser := self.there.get(name)) is None:
            return Answer(410)
        if not _is_vapid(request):
            return Answer(403, {"reason": "VAPID"})
        if len(request.body) > 4096:
            return Answer(413)
        if request.headers.get("content-encoding") != "aes128gcm" or not request.headers.get("ttl", "").isdecimal():
            return Answer(400)
        if self.is_over():
            return Answer(429, None, {"Retry-After": "11"})
        try:
            said = json.loads(browser.read(request.body))
        except (InvalidTag, ValueError):
            return Answer(400)
        self.taken.append(Taken(name, f"{said['title']}\n{said['body']}", said))
        return Answer(201, None, {"Location": f"/message/{len(self.taken)}"})


def _is_vapid(request: Request) -> bool:
    scheme, _, said = request.headers.get("authorization", "").partition(" ")
    parts = dict(part.strip().split("=", 1) for part in said.split(",") if "=" in part)
    if scheme != "vapid" or set(parts) != {"t", "k"}:
        return False
    head, claims, signature = parts["t"].split(".")
    raw, key = unb64(signature), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), unb64(parts["k"]))
    try:
        der = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
        key.verify(der, f"{head}.{claims}".encode(), ec.ECDSA(SHA256()))
    except InvalidSignature:
        return False
    told, own = json.loads(unb64(claims)), f"http://{request.headers['host']}"
    return told["aud"] == own and time.time() < told["exp"] <= time.time() + 86_400 and "sub" in told
