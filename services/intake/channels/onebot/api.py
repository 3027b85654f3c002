"""The ways in for QQ: signed HTTP POSTs of a OneBot 11 implementation, and its reverse WebSocket."""

import hmac
from typing import Any

from litestar import Controller, Request, WebSocket, get, post, websocket
from litestar.datastructures import State
from litestar.exceptions import HTTPException, WebSocketDisconnect

from chassis.access import ANYBODY, DESK, OPERATORS
from services.intake.channels.hub import Hub, hub_of
from services.intake.channels.onebot import messages as onebot
from services.intake.channels.reading import Json, json_of, word

LARGEST = 1024 * 1024
_POLICY_VIOLATION = 1008


class OnebotController(Controller):
    """QQ. What is no message (heartbeats, notices, requests) is answered with 204 and forgotten."""

    path = "/onebot"
    tags = ("channels",)

    @post("/events", roles=ANYBODY, status_code=204, request_max_body_size=LARGEST, summary="QQ: 消息上报")
    async def events(self, state: State, request: Request[Any, Any, Any]) -> None:
        """One event. 503 when the log has not taken it: send it again."""
        hub, body = hub_of(state), await request.body()
        if hub.onebot is None or not (secret := hub.onebot.secret.get_secret_value()):
            raise HTTPException(
                status_code=404, detail="QQ 的 HTTP 上报未启用: 请在 channels.yaml 中配置 onebot.secret"
            )
        if not onebot.is_signed(body, request.headers.get("X-Signature", ""), secret):
            raise HTTPException(status_code=403, detail="签名不符: 请核对 onebot.secret 与机器人的设置是否一致")
        await take(hub, json_of(body))

    @get("/status", roles=OPERATORS | DESK, summary="QQ: 连接状态")
    async def status(self, state: State) -> Json:
        """Which bots are connected."""
        hub = hub_of(state)
        return {"enabled": hub.onebot is not None, "connected": list(hub.link.connected) if hub.link else []}

    @websocket("/ws", roles=ANYBODY)
    async def dialled_in(self, state: State, socket: WebSocket[Any, Any, Any]) -> None:
        """A bot dials in; events come in and calls go out over the one connection."""
        hub = hub_of(state)
        if (
            hub.onebot is None
            or hub.link is None
            or not _is_welcome(socket, hub.onebot.access_token.get_secret_value())
        ):
            await socket.close(_POLICY_VIOLATION, "令牌不符或未启用")
            return
        await socket.accept()

        async def receive() -> str:
            return await socket.receive_data("text")

        async def taken(event: Json) -> None:
            await take(hub, event)

        try:
            await hub.link.serve(socket.headers.get("X-Self-ID", "") or "0", _Text(socket), receive, taken)
        except WebSocketDisconnect:
            return


class _Text:
    def __init__(self, socket: WebSocket[Any, Any, Any]) -> None:
        self._socket = socket

    async def send_text(self, data: str) -> None:
        await self._socket.send_text(data)


async def take(hub: Hub, event: object) -> None:
    """Publish what an event says. Raises BadPayload, NotTaken."""
    assert hub.onebot is not None
    if (message := onebot.parse_onebot(event, hub.onebot.staff)) is not None and isinstance(event, dict):
        await hub.take(message, onebot.address_of(message, word(event, "self_id")))


def _is_welcome(socket: WebSocket[Any, Any, Any], token: str) -> bool:
    """OneBot says `Bearer`, older implementations `Token`; without a token nobody may dial in."""
    shown = socket.headers.get("Authorization", "").partition(" ")[2].strip()
    return bool(token) and hmac.compare_digest(shown.encode(), token.encode())
