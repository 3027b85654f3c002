"""Somebody's system that takes our signed POSTs: it checks them, refuses replays and takes a known id only once."""

import hashlib
import hmac
import time
from dataclasses import dataclass, field

from tests.support.providers.core import Answer, Request, Taken, Vendor

SECRET = "webhook-secret-of-tests"


@dataclass
class Receiver(Vendor):
    """`POST /hook/…`; `repeated` counts what came again under a known id and was answered without being taken."""

    prefixes: tuple[str, ...] = ("/hook/",)
    repeated: int = 0
    _nonces: set[str] = field(default_factory=set)
    _ids: set[str] = field(default_factory=set)

    def answer(self, request: Request) -> Answer:
        said, nonce = request.json, request.headers.get("x-yibao-nonce", "")
        if (
            not _is_signed(request)
            or said.get("nonce") != nonce
            or said.get("id") != request.headers.get("x-yibao-delivery")
        ):
            return Answer(401, {"error": "signature"})
        if nonce in self._nonces:
            return Answer(409, {"error": "replayed"})
        self._nonces.add(nonce)
        if self.is_over():
            return Answer(429, {"error": "slow down"}, {"Retry-After": "3"})
        if said["id"] in self._ids:
            self.repeated += 1
        else:
            self._ids.add(said["id"])
            self.taken.append(Taken(request.path, f"{said['title']}\n{said['body']}", said))
        return Answer(200, {"id": f"theirs-{said['id']}"})


def _is_signed(request: Request) -> bool:
    stamp = request.headers.get("x-yibao-timestamp", "0")
    wanted = hmac.new(SECRET.encode(), stamp.encode() + b"." + request.body, hashlib.sha256).hexdigest()
    fresh = stamp.isdecimal() and abs(time.time() - int(stamp)) < 300
    return fresh and request.headers.get("x-yibao-signature") == f"sha256={wanted}"
