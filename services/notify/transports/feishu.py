"""A robot in a Feishu group (飞书群机器人), with a signature. The address is who is mentioned: open ids, or @all."""

import base64
import hashlib
import hmac
import json
import re
import time
from typing import Any

import httpx

from chassis.posting import Declined, asked, json_of, judge
from services.notify.providers import kinds
from services.notify.transports.errcodes import Codes
from services.notify.transports.port import Format, Letter, Sent
from services.notify.transports.words import LINK, fitted, heading, unlinked

BYTES = 20 * 1024
_AROUND = 3 * 1024
_COLOURS = {"urgent": "red", "high": "orange", "normal": "blue", "low": "grey"}
_CODES = Codes(
    "飞书群机器人", "code",
    busy={11232: 60, 11233: 60, 230020: 60, 99991400: 60},
    refused={9499: "消息格式不被接受", 230025: "消息过长", 230028: "消息没有通过内容审查"},
    ours={
        19021: "签名不符, 请核对 secret 和本机时间", 19001: "hook 无效, 请核对", 19022: "本机 IP 不在机器人的白名单中",
        19024: "消息不含机器人要求的关键词",
    },
)  # fmt: skip
_TOO_FAST = _CODES._replace(busy={**_CODES.busy, 9499: 60})


class Feishu:
    """An interactive card: title in the colour of its urgency, markdown, a button to acknowledge."""

    def __init__(self, config: kinds.Feishu, http: httpx.AsyncClient) -> None:
        self._config, self._http = config, http
        self.format: Format = "markdown"
        self.titled = True
        self.most_characters, self.most_bytes = 0, BYTES - _AROUND

    async def send(self, letter: Letter) -> Sent:
        """Raises SendFailed."""
        url = f"{self._config.base_url.rstrip('/')}/open-apis/bot/v2/hook/{self._config.hook.get_secret_value()}"
        more: dict[str, Any] = {"headers": {"Content-Type": "application/json"}, "timeout": self._config.answer_s}
        answer = await asked(self._http, "POST", url, content=self._content(letter), **more)
        body = json_of(answer)
        # Its errors come with a body also where the status is 400; the number says more than the status.
        if answer.is_success or (answer.status_code == 400 and body is not None and "code" in body):
            _judge(body)
        judge(answer, repeatable=False)
        return Sent()

    def _content(self, letter: Letter) -> bytes:
        """Escaping may make a body longer than its bytes: it is cut until the whole fits."""
        signed, body = self._signed(), unlinked(letter)
        while True:
            whole = json.dumps({**signed, "msg_type": "interactive", "card": _card(letter, body)}, ensure_ascii=False)
            if len(whole.encode()) <= BYTES or not body:
                return whole.encode()
            body = fitted(body, size=len(body.encode()) * 3 // 4) if len(body) > 8 else ""

    def _signed(self) -> dict[str, str]:
        """Time and secret are the key, and what is signed is nothing: that is how Feishu has it."""
        stamp = str(int(time.time()))
        key = f"{stamp}\n{self._config.secret.get_secret_value()}"
        return {
            "timestamp": stamp,
            "sign": base64.b64encode(hmac.new(key.encode(), b"", hashlib.sha256).digest()).decode(),
        }


def _judge(body: dict[str, Any] | None) -> None:
    """9499 is a bad request, and also who is too fast; only the words tell. Old answers have `StatusCode` alone."""
    if body is not None and "code" not in body and "StatusCode" in body:
        body = {**body, "code": body["StatusCode"]}
    fast = "too many" in str((body or {}).get("msg", "")).lower()
    (_TOO_FAST if fast else _CODES).judge(body)


def _card(letter: Letter, body: str) -> dict[str, Any]:
    named = [who.removeprefix("@") for who in re.split(r"[\s,;，；]+", letter.address) if who]
    if not all(re.fullmatch(r"[\w-]{1,64}", who, re.ASCII) for who in named):
        raise Declined("飞书的成员账号无效: 请更正收件人的地址")
    mentions = "".join(f"<at id={who}></at>" for who in named)
    elements: list[dict[str, Any]] = [
        {"tag": "markdown", "content": "\n".join(p for p in (body, mentions) if p) or " "}
    ]
    if letter.link:
        button = {
            "tag": "button",
            "type": "primary",
            "url": letter.link,
            "text": {"tag": "plain_text", "content": LINK},
        }
        elements.append({"tag": "action", "actions": [button]})
    title = {"tag": "plain_text", "content": fitted(heading(letter), characters=200)}
    header = {"title": title, "template": _COLOURS[letter.urgency]}
    return {"config": {"wide_screen_mode": True}, "header": header, "elements": elements}
