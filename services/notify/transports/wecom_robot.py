"""A robot in a WeCom group (企业微信群机器人). The address is who is mentioned: user ids, mobile numbers, or @all."""

import re
from dataclasses import replace
from typing import Any

import httpx

from chassis.posting import call
from services.notify.providers import kinds
from services.notify.transports.errcodes import Codes
from services.notify.transports.port import Format, Letter, Sent
from services.notify.transports.words import LINK, plain, written

MARKDOWN_BYTES, TEXT_BYTES = 4096, 2048
_MENTIONS = 420
_MOBILE = re.compile(r"\+?\d{8,15}")
_CODES = Codes(
    "企业微信群机器人", "errcode",
    busy={45009: 60, 45033: 5, -1: 5},
    refused={40058: "消息格式不被接受", 45002: "消息过长", 44004: "消息为空"},
    ours={93000: "机器人的 key 无效或机器人已被移出群聊, 请更换 key", 40008: "消息类型不被接受"},
)  # fmt: skip


class WecomRobot:
    """Only `text` can mention by mobile number; a letter with such an address goes as text whatever the style."""

    def __init__(self, config: kinds.WecomRobot, http: httpx.AsyncClient) -> None:
        self._config, self._http = config, http
        self.format: Format = config.style
        self.titled = False
        self.most_characters = 0
        self.most_bytes = (MARKDOWN_BYTES if config.style == "markdown" else TEXT_BYTES) - _MENTIONS

    async def send(self, letter: Letter) -> Sent:
        """Raises SendFailed."""
        url = f"{self._config.base_url.rstrip('/')}/cgi-bin/webhook/send"
        key = {"key": self._config.key.get_secret_value()}
        more: dict[str, Any] = {"params": key, "json": self._message(letter), "timeout": self._config.answer_s}
        _CODES.judge(await call(self._http, "POST", url, **more))
        return Sent()

    def _message(self, letter: Letter) -> dict[str, Any]:
        named = [who for who in re.split(r"[\s,;，；]+", letter.address) if who]
        by_text = [who for who in named if who == "@all" or _MOBILE.fullmatch(who)]
        if self._config.style == "text" or by_text:
            return {"msgtype": "text", "text": _text(letter, named)}
        mentions = "".join(f"<@{who}>" for who in named)
        content = written(letter, f"[{LINK}]({letter.link})", mentions, size=MARKDOWN_BYTES)
        return {"msgtype": "markdown", "markdown": {"content": content}}


def _text(letter: Letter, named: list[str]) -> dict[str, Any]:
    content = written(replace(letter, body=plain(letter.body)), f"{LINK}: {letter.link}", size=TEXT_BYTES)
    mobiles = [who for who in named if _MOBILE.fullmatch(who)]
    return {
        "content": content,
        "mentioned_list": [who for who in named if who not in mobiles],
        "mentioned_mobile_list": mobiles,
    }
