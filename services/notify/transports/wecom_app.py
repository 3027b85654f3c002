"""Messages of a WeCom application to one member (企业微信应用消息). The address is the member's user id."""

import re
import time
from typing import Any

import httpx

from chassis.posting import Declined, Later, call
from services.notify.providers import kinds
from services.notify.transports.errcodes import Codes
from services.notify.transports.pace import Pace
from services.notify.transports.port import Format, Letter, Sent
from services.notify.transports.wecom_token import EXPIRED, Token
from services.notify.transports.words import LINK, assembled, fitted, heading, plain, unlinked, written

CARD_TITLE, CARD_CHARACTERS, MARKDOWN_BYTES, TEXT_BYTES = 128, 512, 2048, 2048
PER_MINUTE = 30
_MARK = 20
# No separator, which would make several of it, and not @all, which would be everybody.
_USER = re.compile(r"(?!@)[\w.@-]{1,64}", re.ASCII)
_CODES = Codes(
    "企业微信", "errcode",
    busy={-1: 5, 45009: 60, 45033: 5, 45011: 60, 40001: 1, 40014: 1, 42001: 1},
    refused={
        81013: "成员不存在, 或不在应用的可见范围内", 60111: "成员不存在", 40003: "成员不存在", 40031: "成员不存在",
        45002: "消息过长", 40058: "消息格式不被接受", 44004: "消息为空", 82001: "没有指定成员",
    },
    ours={60020: "本机 IP 不在应用的可信 IP 中", 301002: "应用没有权限, 请核对 agent_id", 40056: "agent_id 无效"},
)  # fmt: skip


class WecomApp:
    """A card with a button to acknowledge, or markdown; a card must have a link, without one it is plain text."""

    def __init__(self, config: kinds.WecomApp, http: httpx.AsyncClient) -> None:
        self._config, self._http = config, http
        self._token, self._pace = Token(config, http), Pace(PER_MINUTE, 60.0)
        by_card = config.style == "textcard"
        self.format: Format = "text" if by_card else "markdown"
        self.titled = by_card
        self.most_characters = CARD_CHARACTERS if by_card else 0
        self.most_bytes = 0 if by_card else MARKDOWN_BYTES - _MARK

    async def send(self, letter: Letter) -> Sent:
        """Raises SendFailed."""
        if not _USER.fullmatch(letter.address):
            raise Declined("企业微信的成员账号无效: 请更正收件人的地址")
        if wait_s := self._pace.wait_s(letter.address, time.monotonic()):
            raise Later("该成员一分钟内的企业微信消息已到上限, 超出的会被直接丢弃", wait_s, for_one=True)
        body = _CODES.judge(await self._posted(self._message(letter)))
        if body.get("invaliduser") or body.get("unlicenseduser"):
            raise Declined("企业微信没有送出: 成员不存在、不在应用的可见范围内, 或没有接口权限")
        return Sent(str(body.get("msgid") or "")[:200])

    async def _posted(self, message: dict[str, Any]) -> Any:
        """Once more where the token has run out, if there is time: then nothing was sent."""
        until = time.monotonic() + self._config.whole_s
        token = await self._token.get(self._config.answer_s / 2)
        answer = await self._post(message, token, self._config.answer_s / 2)
        if isinstance(answer, dict) and answer.get("errcode") in EXPIRED:
            self._token.expired(token)
            # Half of what is left for the token, so that who waits for it in vain still says that nothing was sent.
            token = await self._token.get((until - time.monotonic()) / 2)
            answer = await self._post(message, token, max(0.1, until - time.monotonic()))
        return answer

    async def _post(self, message: dict[str, Any], token: str, within_s: float) -> Any:
        url = f"{self._config.base_url.rstrip('/')}/cgi-bin/message/send"
        more: dict[str, Any] = {"params": {"access_token": token}, "json": message, "timeout": within_s}
        return await call(self._http, "POST", url, **more)

    def _message(self, letter: Letter) -> dict[str, Any]:
        to = {"touser": letter.address, "agentid": self._config.agent_id}
        if self._config.style == "markdown":
            content = written(letter, f"[{LINK}]({letter.link})", size=MARKDOWN_BYTES)
            return {**to, "msgtype": "markdown", "markdown": {"content": content}}
        if not letter.link:
            content = assembled(plain(heading(letter)), plain(letter.body), "", size=TEXT_BYTES)
            return {**to, "msgtype": "text", "text": {"content": content}}
        card = {
            "title": fitted(heading(letter), characters=CARD_TITLE),
            "description": fitted(plain(unlinked(letter)), characters=CARD_CHARACTERS) or LINK,
            "url": letter.link,
            "btntxt": "去确认",
        }
        return {**to, "msgtype": "textcard", "textcard": card}
