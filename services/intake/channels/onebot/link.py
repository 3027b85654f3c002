"""Connections of bots that dialled in (反向 WebSocket): calls go out over them, answers find their callers."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any, Protocol
from uuid import uuid4

import httpx

from chassis.logging import logger
from chassis.posting import SendFailed
from services.intake.channels.onebot.events import Events, Take
from services.intake.channels.onebot.messages import send_msg
from services.intake.channels.reading import BadPayload, Json, json_of, object_of

ANSWER_WITHIN_S = 10.0

log = logger(__name__)


class Socket(Protocol):
    """What is needed of a WebSocket."""

    async def send_text(self, data: str) -> None: ...


class Link:
    """All connected bots, and the HTTP API of one that is not."""

    def __init__(self, http: httpx.AsyncClient, api_url: str = "", access_token: str = "") -> None:
        self._http, self._api_url = http, api_url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {access_token}"} if access_token else {}
        self._sockets: dict[str, Socket] = {}
        self._calls: dict[str, tuple[Socket, asyncio.Future[Json]]] = {}

    @property
    def connected(self) -> tuple[str, ...]:
        """The accounts of the bots that are connected now."""
        return tuple(self._sockets)

    async def send(self, address: dict[str, str], text: str) -> None:
        """Send a text to a group or person. Raises SendFailed."""
        await self.call("send_msg", send_msg(address, text), address.get("self_id", ""))

    async def call(self, action: str, params: Json, self_id: str = "") -> Json:
        """Call the bot's API, over its WebSocket or else by HTTP; the answer's `data`. Raises SendFailed."""
        socket = self._sockets.get(self_id) or (None if self_id else next(iter(self._sockets.values()), None))
        if socket is not None:
            return _data(await self._ask(socket, action, params))
        if self._api_url:
            return _data(await self._post(action, params))
        raise SendFailed("QQ 机器人没有连上: 请检查 OneBot 是否在运行")

    async def serve(self, self_id: str, socket: Socket, receive: Callable[[], Awaitable[str]], take: Take) -> None:
        """Until the connection ends, which `receive` raises: hand on events, and answers to whoever asked."""
        self._sockets[self_id] = socket
        events = Events(take)
        try:
            while True:
                frame = _frame(await receive())
                if "post_type" in frame:
                    await events.put(frame)
                else:
                    self._answer(frame)
        finally:
            if self._sockets.get(self_id) is socket:
                del self._sockets[self_id]
            self._abandon(socket)
            events.finish()

    async def _ask(self, socket: Socket, action: str, params: Json) -> Json:
        echo = uuid4().hex
        answer: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        self._calls[echo] = socket, answer
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                await socket.send_text(json.dumps({"action": action, "params": params, "echo": echo}))
                return await answer
        except TimeoutError:
            raise SendFailed("QQ 机器人没有回应: 不能确定是否已发出", unsure=True) from None
        except SendFailed:
            raise
        except Exception:
            raise SendFailed("与 QQ 机器人的连接断开: 将稍后再试") from None
        finally:
            self._calls.pop(echo, None)

    async def _post(self, action: str, params: Json) -> Json:
        try:
            answer = await self._http.post(f"{self._api_url}/{action}", json=params, headers=self._headers)
        except (httpx.ConnectError, httpx.ConnectTimeout):
            raise SendFailed("连不上 OneBot 的 HTTP 接口: 请检查 api_url") from None
        except httpx.HTTPError:
            raise SendFailed("OneBot 没有回应: 不能确定是否已发出", unsure=True) from None
        if answer.status_code in (401, 403, 404):
            raise SendFailed(f"OneBot 拒绝了请求 (HTTP {answer.status_code}): 请核对 access_token", permanent=True)
        try:
            return object_of(json_of(answer.content))
        except BadPayload:
            raise SendFailed(f"OneBot 的回应看不懂 (HTTP {answer.status_code})") from None

    def _answer(self, frame: Json) -> None:
        _, future = self._calls.get(str(frame.get("echo")), (None, None))
        if future is not None and not future.done():
            future.set_result(frame)

    def _abandon(self, socket: Socket) -> None:
        for asked, future in self._calls.values():
            if asked is socket and not future.done():
                future.set_exception(SendFailed("与 QQ 机器人的连接断开: 不能确定是否已发出", unsure=True))


def _frame(text: str) -> Json:
    try:
        return object_of(json_of(text.encode(errors="replace")))
    except BadPayload:
        log.warning("onebot frame is no JSON object")
        return {}


def _data(answer: Json) -> Json:
    if answer.get("status") in ("ok", "async"):
        data: Any = answer.get("data")
        return data if isinstance(data, dict) else {}
    code = answer.get("retcode")
    raise SendFailed(f"QQ 没有发出 (retcode {code}): 可能已退群, 被禁言或不是好友", permanent=True)
