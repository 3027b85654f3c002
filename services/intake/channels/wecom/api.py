"""The ways in for WeChat: the application's callback, the group robot's, and the chat archive's."""

import hmac
from collections.abc import Awaitable, Callable
from typing import Any

from litestar import Controller, MediaType, Request, get, post
from litestar.datastructures import State
from litestar.exceptions import HTTPException

from chassis.access import ANYBODY
from chassis.http import now
from contracts.channel import ChannelMessage
from services.intake.channels.hub import Hub, hub_of
from services.intake.channels.reading import BadPayload, json_of, object_of, word
from services.intake.channels.wecom import messages as wecom
from services.intake.channels.wecom.crypto import Envelope, Forged, is_plain_signature
from services.intake.channels.wecom.group import parse_archive, parse_robot, reply_url
from services.intake.channels.wecom.kf import parse_ring
from services.intake.channels.wecom.start import customer_service

Any_ = Request[Any, Any, Any]
Parsed = tuple[ChannelMessage | None, dict[str, str]]
LARGEST = 1024 * 1024
MOST_RECORDS = 1_000
_TEXT = MediaType.TEXT


class WecomController(Controller):
    """微信. The answers are what the vendor expects: `success`, or an error after which it sends again.

    Open to anybody: what comes is signed and sealed by the vendor, or shows the secret of the archive.
    """

    path = "/wecom"
    tags = ("channels",)

    @get("/callback", roles=ANYBODY, media_type=_TEXT, summary="企业微信: 验证应用回调地址")
    async def check_address(self, state: State, request: Any_) -> str:
        """The vendor's test of the address when it is saved (验证 URL)."""
        hub = hub_of(state)
        query = request.query_params
        if hub.wecom and "msg_signature" not in query and "signature" in query:
            return _plain_echo(hub.wecom.token, query)
        return _echo(hub.app, query)

    @post(
        "/callback", roles=ANYBODY, status_code=200, media_type=_TEXT, request_max_body_size=LARGEST,
        summary="企业微信: 应用消息回调",
    )  # fmt: skip
    async def callback(self, state: State, request: Any_) -> str:
        """A message to the application, or an event about it; customer service (微信客服) only announces its own."""
        hub = hub_of(state)
        staff = hub.wecom.staff if hub.wecom else ()

        def parse(content: bytes) -> Parsed:
            message = wecom.parse_wecom(content, staff)
            return message, wecom.address_of(message) if message else {}

        async def heard(content: bytes) -> None:
            if (ring := parse_ring(content)) is not None:
                await customer_service(state.service, hub).announce(ring)

        return await _take(hub, hub.app, request, wecom.encrypted_of(await request.body()), parse, heard)

    @get("/robot", roles=ANYBODY, media_type=_TEXT, summary="企业微信: 验证机器人回调地址")
    async def check_robot_address(self, state: State, request: Any_) -> str:
        """The same test for a group robot's address."""
        return _echo(hub_of(state).robot, request.query_params)

    @post(
        "/robot", roles=ANYBODY, status_code=200, media_type=_TEXT, request_max_body_size=LARGEST,
        summary="企业微信: 机器人消息回调",
    )  # fmt: skip
    async def robot(self, state: State, request: Any_) -> str:
        """What somebody said to the robot, in a group or alone."""
        hub = hub_of(state)
        staff = hub.wecom.staff if hub.wecom else ()

        def parse(content: bytes) -> Parsed:
            message = parse_robot(content, now(), staff)
            if message is None:
                return None, {}
            url = reply_url(content)
            return message, {**wecom.address_of(message), **({"reply_url": url} if url else {})}

        body = await request.body()
        encrypted = word(object_of(json_of(body)), "encrypt") if body[:1] == b"{" else wecom.encrypted_of(body)
        return await _take(hub, hub.robot, request, encrypted, parse)

    @post("/archive", roles=ANYBODY, status_code=200, request_max_body_size=LARGEST * 8, summary="企业微信: 会话存档")
    async def archive(self, state: State, request: Any_) -> dict[str, Any]:
        """Decrypted records of the chat archive (会话存档), a list in order; all are taken or it is sent again."""
        hub = hub_of(state)
        secret = hub.wecom.archive_secret.get_secret_value() if hub.wecom else ""
        if not secret:
            raise HTTPException(
                status_code=404, detail="会话存档未启用: 请在 channels.yaml 中配置 wecom.archive_secret"
            )
        if not hmac.compare_digest(request.headers.get("Authorization", "").encode(), f"Bearer {secret}".encode()):
            raise HTTPException(status_code=401, detail="密钥不符: 请核对 wecom.archive_secret")
        records = json_of(await request.body())
        if not isinstance(records, list) or len(records) > MOST_RECORDS:
            raise BadPayload(f"应为存档记录的数组, 一次最多 {MOST_RECORDS} 条")
        return await _take_records(hub, records)


async def _take_records(hub: Hub, records: list[Any]) -> dict[str, Any]:
    """Records that cannot be read are named and do not hold up the others."""
    assert hub.wecom is not None
    taken, wrong = 0, []
    for n, record in enumerate(records):
        try:
            message = parse_archive(record, hub.wecom.staff)
        except BadPayload as error:
            wrong.append({"index": n, "message": str(error)})
            continue
        if message is not None:
            await hub.take(message, wecom.address_of(message))
            taken += 1
    return {"taken": taken, "ignored": len(records) - taken - len(wrong), "wrong": wrong}


async def _nothing(content: bytes) -> None: ...


async def _take(
    hub: Hub, envelope: Envelope | None, request: Any_, encrypted: str, parse: Callable[[bytes], Parsed],
    heard: Callable[[bytes], Awaitable[None]] = _nothing,
) -> str:  # fmt: skip
    """Check, open, publish, and only then remember the signature: what was not taken may come again.

    `heard` is told of what is no message.
    """
    content, query, at = _opened(envelope, request.query_params, encrypted), request.query_params, now()
    signature, nonce = query.get("msg_signature", ""), query.get("nonce", "")
    assert envelope is not None
    message, address = parse(content)
    # The vendor repeats a message byte for byte when our answer is late: under its own id it is the same message.
    if message is None and envelope.is_replay(signature, nonce):
        raise HTTPException(status_code=403, detail="这个回调已经收到过: 重复的事件不再处理")
    if message is not None:
        await hub.take(message, address)
    else:
        await heard(content)
    envelope.accepted(signature, nonce, at)
    return "success"


def _echo(envelope: Envelope | None, query: Any) -> str:
    return _opened(envelope, query, query.get("echostr", "")).decode(errors="replace")


def _opened(envelope: Envelope | None, query: Any, encrypted: str) -> bytes:
    """What the vendor sealed. Raises HTTPException 404 when the channel is off, 403 when it is not from the vendor."""
    if envelope is None:
        raise HTTPException(status_code=404, detail="微信渠道未启用: 请在 channels.yaml 中配置 wecom")
    try:
        envelope.check(
            query.get("msg_signature", ""), query.get("timestamp", ""), query.get("nonce", ""), encrypted, now()
        )
        return envelope.open(encrypted)
    except Forged as error:
        raise HTTPException(status_code=403, detail=str(error)) from None


def _plain_echo(token: str, query: Any) -> str:
    if not is_plain_signature(token, query.get("signature", ""), query.get("timestamp", ""), query.get("nonce", "")):
        raise HTTPException(status_code=403, detail="签名不符: 请核对 channels.yaml 中的 token 与管理后台是否一致")
    return str(query.get("echostr", ""))
