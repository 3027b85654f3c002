"""New messages of today, the cases that they open and what becomes of these, over the services' HTTP."""

from datetime import UTC, datetime
from typing import Any

import httpx

from contracts.channel import ChannelMessage
from tests.support.desk import Desk
from tests.support.make import message
from tests.support.traces import Json
from tests.support.wait import until

STAFF = {"X-Yibao-Staff": "wang"}
NOBODY = {"X-Yibao-Role": "none"}


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
    await desk.send(fresh(name, **{"occurred_at": datetime.now(UTC), **more}))
    return str((await case_of(desk, name))["id"])


async def do(desk: Desk, case: str, verb: str, headers: dict[str, str] | None = None, **body: Any) -> httpx.Response:
    url = desk.url("intake", f"/cases/{case}/{verb}")
    return await desk.http.post(url, json=body, headers=STAFF if headers is None else headers)


async def clocks(desk: Desk, case: str, **want: Any) -> Json:
    """The first-response clock of the case as soon as it is as wanted."""

    async def look() -> Json | None:
        found = await desk.get("sla", "/clocks", case_id=case)
        first: Json = next((c for c in found if c["clock"] == "first_response"), {})
        return first if first and all(first[k] == v for k, v in want.items()) else None

    return await until(f"the clock of {case} is {want}", look)


async def alerts(desk: Desk, case: str, *rules: str, audience: str = "desk") -> list[Json]:
    """The alerts about the case, latest first, as soon as there is one of each of these rules."""

    async def look() -> list[Json] | None:
        found = [a for a in await desk.get("notify", "/inbox", audience=audience) if a["case_id"] == case]
        return found if {a["rule"] for a in found} >= set(rules) else None

    return await until(f"alerts {rules} for {case}", look)
