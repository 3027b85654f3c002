"""Feishu's side: a robot whose signature is in the body, with the secret in the key."""

import base64
import hashlib
import hmac
import time
from dataclasses import dataclass

from tests.support.providers.core import Answer, Json, Request, Taken, Vendor

HOOK, SECRET = "f1a2b3c4-hook", "feishu-secret"


def _wrong(code: int, words: str, status: int = 200) -> Answer:
    return Answer(status, {"code": code, "msg": words, "data": {}})


@dataclass
class Feishu(Vendor):
    """`POST /open-apis/bot/v2/hook/{hook}`; the whole request up to 20 KB."""

    prefixes: tuple[str, ...] = ("/open-apis/bot/v2/hook/",)

    def answer(self, request: Request) -> Answer:
        if not request.path.endswith(f"/{HOOK}"):
            return _wrong(19001, "param invalid: incoming webhook access token invalid")
        if not _is_signed(request.json):
            return _wrong(19021, "sign match fail or timestamp is not within one hour from current time")
        if self.is_over():
            return _wrong(11232, "frequency limited psm[lark.oapi.app_platform_runtime]")
        if len(request.body) > 20 * 1024 or request.json.get("msg_type") != "interactive":
            return _wrong(9499, "Bad Request", 400)
        card = request.json["card"]
        body = "\n".join(e.get("content", "") for e in card["elements"] if e["tag"] == "markdown")
        self.taken.append(Taken("group", f"{card['header']['title']['content']}\n{body}", request.json))
        return Answer(200, {"StatusCode": 0, "StatusMessage": "success", "code": 0, "data": {}, "msg": "success"})


def _is_signed(body: Json) -> bool:
    stamp = str(body.get("timestamp", ""))
    if not stamp.isdecimal() or abs(time.time() - int(stamp)) > 3600:
        return False
    digest = hmac.new(f"{stamp}\n{SECRET}".encode(), digestmod=hashlib.sha256).digest()
    return bool(body.get("sign") == base64.b64encode(digest).decode())
