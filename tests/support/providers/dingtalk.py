"""DingTalk's side: a robot that checks its signature, and shuts out who is too fast."""

import base64
import hashlib
import hmac
import time
from dataclasses import dataclass

from tests.support.providers.core import Answer, Request, Taken, Vendor

TOKEN, SECRET = "ding-access-token", "SECdingtalk-secret"
_HOUR_MS = 3_600_000


def _wrong(code: int, words: str) -> Answer:
    return Answer(200, {"errcode": code, "errmsg": words})


@dataclass
class Dingtalk(Vendor):
    """`POST /robot/send?access_token=&timestamp=&sign=`; the whole message up to 20,000 bytes."""

    prefixes: tuple[str, ...] = ("/robot/send",)

    def answer(self, request: Request) -> Answer:
        if request.query.get("access_token") != TOKEN:
            return _wrong(300005, "token is not exist")
        if not _is_signed(request):
            return _wrong(310000, "sign not match")
        if self.is_over():
            return Answer(200, {"status": 1111, "wait": 5, "errcode": 130101, "errmsg": "send too fast"})
        if len(request.body) > 20_000:
            return _wrong(460101, "message too long, exceed 20000 bytes")
        markdown = request.json.get("markdown", {})
        if request.json.get("msgtype") != "markdown" or not (markdown.get("title") and markdown.get("text")):
            return _wrong(40035, "missing parameter markdown")
        self.taken.append(Taken("group", markdown["text"], request.json))
        return Answer(200, {"errcode": 0, "errmsg": "ok"})


def _is_signed(request: Request) -> bool:
    stamp = request.query.get("timestamp", "0")
    wanted = hmac.new(SECRET.encode(), f"{stamp}\n{SECRET}".encode(), hashlib.sha256).digest()
    fresh = stamp.isdecimal() and abs(time.time() * 1000 - int(stamp)) < _HOUR_MS
    return fresh and request.query.get("sign") == base64.b64encode(wanted).decode()
