"""New messages of today and the cases that they open, over intake's HTTP."""

from datetime import UTC, datetime
from typing import Any

import httpx

from contracts.channel import ChannelMessage
from tests.support.desk import Desk, Json
from tests.support.make import message
from tests.support.wait import until

STAFF = {"X-Yibao-Staff": "wang"}


def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def fresh(message_id: str, text: str = "门诊结算失败", **more: Any) -> ChannelMessage:
    """A message of today in a conversation of its own."""
    return message(message_id, text, **{"conversation": message_id, "occurred_at": now(), **more})


async def case_of(desk: Desk, message_id: str) -> Json:
    async def look() -> Json | None:
        answer: Json = await desk.get("intake", f"/messages/wechat/{message_id}")
        return answer if "outcome" in answer else None

    return await until(f"{message_id} is in a case", look)


async def opened(desk: Desk, name: str, **more: Any) -> str:
    """The id of the case that a new message has opened."""
    await desk.send(fresh(name, **more))
    return str((await case_of(desk, name))["id"])


async def do(desk: Desk, case: str, verb: str, headers: dict[str, str] | None = None, **body: Any) -> httpx.Response:
    url = desk.url("intake", f"/cases/{case}/{verb}")
    return await desk.http.post(url, json=body, headers=STAFF if headers is None else headers)
