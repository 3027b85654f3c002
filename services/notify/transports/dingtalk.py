"""A robot in a DingTalk group (钉钉群机器人), secured by a signature. The address is who is mentioned: mobile numbers,
user ids, or @all.
"""

import base64
import hashlib
import hmac
import re
import time
from typing import Any

import httpx

from chassis.posting import call
from services.notify.providers import kinds
from services.notify.transports.errcodes import Codes
from services.notify.transports.port import Format, Letter, Sent
from services.notify.transports.words import LINK, heading, written

BYTES = 20_000
_AROUND = 2_000
_MOBILE = re.compile(r"\+?[\d-]{8,18}")
_CODES = Codes(
    "钉钉群机器人", "errcode",
    # Who was too fast is shut out for ten minutes, whatever `wait` the answer names.
    busy={130101: 600, 410100: 600, 90030: 600, -1: 5},
    refused={
        460101: "消息过长", 40035: "消息格式不被接受", 400105: "消息类型不被接受", 430101: "消息含有不安全的链接",
        430102: "消息含有不合适的文字", 430103: "消息含有不合适的图片", 430104: "消息含有不合适的内容",
    },
    ours={
        310000: "签名、关键词或 IP 与机器人的安全设置不符, 请核对 secret 和本机时间", 300001: "access_token 无效",
        300005: "access_token 无效", 400101: "access_token 无效", 400102: "机器人已停用", 400013: "群已解散",
        400106: "机器人不存在",
    },
)  # fmt: skip


class Dingtalk:
    """Markdown whose text has its title once more: the title itself shows in the list of chats only."""

    def __init__(self, config: kinds.Dingtalk, http: httpx.AsyncClient) -> None:
        self._config, self._http = config, http
        self.format: Format = "markdown"
        self.titled = False
        self.most_characters, self.most_bytes = 0, BYTES - _AROUND

    async def send(self, letter: Letter) -> Sent:
        """Raises SendFailed."""
        url = f"{self._config.base_url.rstrip('/')}/robot/send"
        params = {"access_token": self._config.access_token.get_secret_value(), **self._signed()}
        more: dict[str, Any] = {"params": params, "json": _message(letter), "timeout": self._config.answer_s}
        _CODES.judge(await call(self._http, "POST", url, **more))
        return Sent()

    def _signed(self) -> dict[str, str]:
        stamp, secret = str(int(time.time() * 1000)), self._config.secret.get_secret_value()
        digest = hmac.new(secret.encode(), f"{stamp}\n{secret}".encode(), hashlib.sha256).digest()
        return {"timestamp": stamp, "sign": base64.b64encode(digest).decode()}


def _message(letter: Letter) -> dict[str, Any]:
    named = [who.removeprefix("@") for who in re.split(r"[\s,;，；]+", letter.address) if who]
    mobiles = [who for who in named if _MOBILE.fullmatch(who)]
    users = [who for who in named if who not in mobiles and who != "all"]
    # Who is to be mentioned must stand in the text as well.
    mentions = " ".join(f"@{who}" for who in (*mobiles, *users))
    text = written(letter, f"\n[{LINK}]({letter.link})", f"\n{mentions}" if mentions else "", size=BYTES - 800)
    return {
        "msgtype": "markdown",
        "markdown": {"title": heading(letter)[:100], "text": text},
        "at": {"atMobiles": mobiles, "atUserIds": users, "isAtAll": "all" in named},
    }
