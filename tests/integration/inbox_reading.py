"""A reader of the live inbox as a browser is one, and events that make alerts without the services that say them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import httpx
import msgspec

from chassis.outgoing import Outgoing
from chassis.token import Principal, Signer
from contracts.case import CaseEscalated, CaseOpened
from contracts.channel import Sender
from contracts.envelope import SYSTEM, derive_id
from contracts.identity import Role
from contracts.notify import NotificationQueued
from tests.support.desk import Desk
from tests.support.wait import until

Json = dict[str, Any]


def token_of(desk: Desk, account: str, role: Role = "engineer") -> str:
    """With which a browser asks notify, for an hour."""
    return Signer(desk.settings.desk_key).sign(Principal(account, role), "notify", datetime.now(UTC), 3_600)


class Heard(NamedTuple):
    id: str
    event: str
    data: Json


class Reader:
    """Connects again whenever the connection ends, behind the last id that it got; `heard` is everything, in order.

    A lead, who may look into any inbox.
    """

    def __init__(self, desk: Desk, *audiences: str, reader: str = "somebody", last: str = "") -> None:
        self._url = desk.url("notify", "/inbox/stream")
        self._params: Json = {"audience": list(audiences or ("desk",))}
        self._signed = {"Authorization": f"Bearer {token_of(desk, reader, 'lead')}"}
        self.last, self.heard, self.connected, self.times = last, list[Heard](), False, 0

    async def __aenter__(self) -> "Reader":
        self._task = asyncio.create_task(self._run())

        async def is_connected() -> bool:
            return self.connected

        await until("the reader is connected", is_connected)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task

    async def _run(self) -> None:
        async with httpx.AsyncClient(timeout=30, trust_env=False) as http:
            while True:
                with suppress(httpx.HTTPError):
                    async for heard in self._stream(http):
                        self.heard.append(heard)
                self.connected = False
                await asyncio.sleep(0.05)

    async def _stream(self, http: httpx.AsyncClient) -> AsyncIterator[Heard]:
        headers = {**self._signed, **({"Last-Event-ID": self.last} if self.last else {})}
        async with http.stream("GET", self._url, params=self._params, headers=headers) as answer:
            answer.raise_for_status()
            async for heard in events(answer.aiter_lines()):
                self.connected, self.last = True, heard.id or self.last
                self.times += heard.event == ""
                if heard.event:
                    yield heard

    def of(self, event: str) -> list[Json]:
        return [h.data for h in self.heard if h.event == event]

    def titles(self) -> list[str]:
        return [alert["title"] for alert in self.of("alert")]

    async def has(self, event: str, n: int) -> list[Json]:
        async def look() -> bool:
            return len(self.of(event)) >= n

        await until(f"{n} times {event}", look)
        return self.of(event)


async def events(lines: AsyncIterator[str]) -> AsyncIterator[Heard]:
    """The blocks of a stream of server-sent events; comments come as an event without a name."""
    fields: dict[str, str] = {}
    async for line in lines:
        name, _, value = line.partition(":")
        if line:
            fields[name] = value.strip()
            continue
        yield Heard(fields.get("id", ""), fields.get("event", ""), msgspec.json.decode(fields.get("data", "{}")))
        fields = {}


def opened(n: int, **more: Any) -> CaseOpened:
    """An event of which the desk is told: case `n` is new."""
    case, at = derive_id("inbox case", n), datetime.now(UTC)
    facts: Json = {
        "id": derive_id("opened", n), "cause_id": case, "correlation_id": case, "version": 1, "occurred_at": at,
        "recorded_at": at, "actor": SYSTEM, "case_id": case, "number": f"YB-{n:04}", "channel": "wechat",
        "conversation_id": "c", "message_id": f"m{n}", "requester": Sender(id="u"), "title": f"门诊结算失败 {n}",
        "text": "门诊结算失败", "category": "结算支付", "priority": "normal", **more,
    }  # fmt: skip
    return CaseOpened.model_validate(facts)


async def open_cases(desk: Desk, *numbers: int, **more: Any) -> None:
    told = [opened(n, **more) for n in numbers]
    await desk.outbox.publish([Outgoing(e.type, e.model_dump_json().encode(), str(e.id)) for e in told])


def escalated(n: int) -> Outgoing:
    """An event of which lead and desk are told."""
    case, at = derive_id("inbox case", n), datetime.now(UTC)
    said = CaseEscalated(
        id=derive_id("escalated", n), cause_id=case, correlation_id=case, version=2, occurred_at=at, recorded_at=at,
        actor=SYSTEM, case_id=case, number=f"YB-{n:04}", to="province", reason="需省平台处理",
    )  # fmt: skip
    return Outgoing(said.type, said.model_dump_json().encode(), str(said.id))


def queued(n: int, ago: timedelta = timedelta(), body: str = "", audience: str = "desk") -> Outgoing:
    """What notify says of an alert, without one: as it stands in the stream when it was said `ago`."""
    at = datetime.now(UTC) - ago
    alert = derive_id("inbox alert", n)
    said = NotificationQueued(
        id=derive_id("queued", n), cause_id=alert, correlation_id=alert, version=1, occurred_at=at, recorded_at=at,
        actor=SYSTEM, alert_id=alert, audience=audience, rule="test", urgency="normal", title=f"alert {n}", body=body,
    )  # fmt: skip
    return Outgoing(said.type, said.model_dump_json().encode())


async def alert_of(desk: Desk, n: int) -> Json:
    """The alert about case `n`, as the inbox has it."""

    async def look() -> Json | None:
        rows = await desk.get("notify", "/inbox", case=str(derive_id("inbox case", n)))
        return rows[0] if rows else None

    return await until(f"an alert about case {n}", look)


async def act(desk: Desk, alert: str | UUID, verb: str, staff: str) -> httpx.Response:
    url = desk.url("notify", f"/alerts/{alert}/{verb}")
    answer = await desk.http.post(url, headers={"X-Yibao-Staff": staff})
    assert answer.status_code == httpx.codes.OK, answer.text
    return answer
