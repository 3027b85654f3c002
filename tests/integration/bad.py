"""Bodies that no good adapter sends, and what becomes of them."""

import json
from typing import Any

from chassis import deadletter
from contracts.channel import ChannelMessage
from tests.support.desk import Desk


def body_of(message: ChannelMessage, **changes: Any) -> bytes:
    """`...` takes a field away."""
    body = {**message.model_dump(mode="json"), **changes}
    return json.dumps({k: v for k, v in body.items() if v is not ...}, ensure_ascii=False).encode()


async def buried(desk: Desk, body: bytes, subject: str = "channel.in.wechat") -> str:
    """The reason why exactly this message, byte for byte, became the newest dead letter."""
    before = len(await desk.dead())
    await desk.put(body, subject)
    await desk.handled("intake")
    [letter] = (await desk.dead())[before:]
    headers = letter.headers or {}
    assert (letter.data or b"", headers[deadletter.SUBJECT]) == (body, subject)
    return deadletter.decode(headers[deadletter.REASON])
