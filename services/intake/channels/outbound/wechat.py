"""Answers through WeCom (企业微信应用, 群聊, 微信客服) and official accounts (公众号): tokens and error codes.

A group robot (群机器人, 智能机器人) is answered where its callback said, without a token.
"""

import asyncio
import time
from collections.abc import Mapping
from typing import Any, Literal

import httpx
from pydantic import BaseModel, ConfigDict, SecretStr

from chassis.personal.masking import mask
from chassis.posting import Declined, Later, SendFailed, call

Json = dict[str, Any]

VENDOR = "https://qyapi.weixin.qq.com"
MOST_BYTES = 2_048  # the vendor cuts what is longer without a word
_SOONER_S = 300.0
_NOTHING = -999_999  # no code of the vendor's
_EXPIRED = (40001, 40014, 42001)
_BUSY = {-1: 0.0, 45009: 60.0, 45033: 5.0}
_SPENT = (95001, 45015, 45047)  # too many answers, or too late after the person's last words


class WechatSender(BaseModel):
    """`wecom` answers in an application or a room, in 微信客服 where `open_kfid` is given; `official` is a 公众号."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["wecom", "official"]
    url: str = ""
    corp_id: str
    corp_secret: SecretStr
    agent_id: str = ""
    open_kfid: str = ""

    @property
    def base(self) -> str:
        vendor = VENDOR if self.kind == "wecom" else "https://api.weixin.qq.com"
        return (self.url or vendor).rstrip("/")


class Wechat:
    """Sends to one account of the vendor; its token is fetched once and again when it has run out."""

    def __init__(self, settings: WechatSender, http: httpx.AsyncClient) -> None:
        self._settings, self._http = settings, http
        self._token, self._until = "", 0.0
        self._fetching = asyncio.Lock()

    async def __call__(self, address: Mapping[str, str], text: str) -> None:
        """Raises SendFailed."""
        if (size := len(text.encode())) > MOST_BYTES:
            raise Declined(f"回复有 {size} 字节, 渠道单条上限为 {MOST_BYTES} 字节 (约 680 字): 请分成几条回复")
        if url := address.get("reply_url"):
            return await self._answer_robot(url, text)
        path, body = self._request(address, text)
        answer = await self._send(path, body)
        if _number(answer, "errcode") in _EXPIRED:
            self._until = 0.0
            answer = await self._send(path, body)
        return _judge(answer)

    async def _answer_robot(self, url: str, text: str) -> None:
        if not _is_one_of(url, (VENDOR, self._settings.base)):
            raise SendFailed("机器人的回复地址不在允许的范围, 没有发送: 请改打电话", permanent=True)
        # An intelligent robot takes only markdown, and one answer to each question within an hour.
        once = "/aibot/" in httpx.URL(url).path
        kind = "markdown" if once else "text"
        answer = await call(self._http, "POST", url, json={"msgtype": kind, kind: {"content": text}})
        try:
            _judge(answer or {})
        except (Later, Declined):
            raise
        except SendFailed as error:
            if once and error.permanent:
                raise Declined(f"{error}; 机器人对一次提问只能在一小时内回复一次, 请让对方再@一次机器人") from None
            raise

    def _request(self, address: Mapping[str, str], text: str) -> tuple[str, Json]:
        said: Json = {"msgtype": "text", "text": {"content": text}}
        if room := address.get("chat_id"):
            return "/cgi-bin/appchat/send", {"chatid": room, **said}
        if not (person := address.get("to_user")):
            raise SendFailed("没有对方的账号, 无法回复: 请改打电话", permanent=True)
        if self._settings.kind == "official":
            return "/cgi-bin/message/custom/send", {"touser": person, **said}
        if desk := address.get("open_kfid") or self._settings.open_kfid:
            return "/cgi-bin/kf/send_msg", {"touser": person, "open_kfid": desk, **said}
        agent = self._settings.agent_id or address.get("agent_id", "")
        return "/cgi-bin/message/send", {
            "touser": person,
            "agentid": int(agent) if agent.isdecimal() else agent,
            **said,
        }

    async def _send(self, path: str, body: Json) -> Json:
        token = await self._current()
        answer = await call(self._http, "POST", self._settings.base + path, params={"access_token": token}, json=body)
        return answer or {}

    async def _current(self) -> str:
        async with self._fetching:
            if time.monotonic() >= self._until:
                answer = await self._ask_for_token()
                self._token = str(answer["access_token"])
                self._until = time.monotonic() + max(60.0, _number(answer, "expires_in", 7_200) - _SOONER_S)
        return self._token

    async def _ask_for_token(self) -> Json:
        id_, secret = self._settings.corp_id, self._settings.corp_secret.get_secret_value()
        if self._settings.kind == "official":
            path, ask = "/cgi-bin/token", {"grant_type": "client_credential", "appid": id_, "secret": secret}
        else:
            path, ask = "/cgi-bin/gettoken", {"corpid": id_, "corpsecret": secret}
        answer = await call(self._http, "GET", self._settings.base + path, repeatable=True, params=ask) or {}
        if not answer.get("access_token"):
            if _number(answer, "errcode") in _BUSY:
                raise Later(_words("渠道接口繁忙", answer))
            raise SendFailed(_words("取不到接口凭证, 请检查渠道配置", answer), permanent=True)
        return answer


def _is_one_of(url: str, bases: tuple[str, ...]) -> bool:
    """Whether the address is on one of these servers, and nothing in it could lead elsewhere."""
    try:
        # The same reading as the request's: two parsers might see two hosts.
        asked, ours = httpx.URL(url), [httpx.URL(base) for base in bases]
    except (httpx.InvalidURL, ValueError):
        return False
    servers = [(base.scheme, base.host, base.port) for base in ours]
    return not asked.userinfo and (asked.scheme, asked.host, asked.port) in servers


def _judge(answer: Json) -> None:
    code = _number(answer, "errcode")
    if code == 0 and not answer.get("invaliduser"):
        return
    if code == 0:
        raise Declined("对方不在应用的可见范围内, 没有收到: 请改打电话")
    if code in _BUSY:
        raise Later(_words("渠道接口繁忙", answer), _BUSY[code])
    if code in _SPENT:
        raise Declined(_words("回复次数已用完或已超过时限, 请改打电话", answer))
    if code == _NOTHING:
        raise SendFailed("渠道接口的应答看不懂, 不能确定是否已发出: 请人工核对", unsure=True)
    raise SendFailed(_words("渠道没有发出", answer), permanent=True)


def _number(answer: Json, name: str, otherwise: int = _NOTHING) -> int:
    """A field that ought to be a number; what is none tells us nothing."""
    value = answer.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else otherwise


def _words(what: str, answer: Json) -> str:
    return mask(f"{what} (errcode {answer.get('errcode')}: {answer.get('errmsg', '')})"[:200])
