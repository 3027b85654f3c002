"""The services over HTTP, as staff see them: commands, and reading back what they did."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import quote

import httpx

from yibao.settings import StackSettings
from yibao.signing import Signed, on_this_machine

Json = dict[str, Any]
T = TypeVar("T")
R = TypeVar("R")


class NotSeen(Exception):
    """Something that had to happen has not been seen before its deadline."""

    def __init__(self, what: str, within_s: float) -> None:
        super().__init__(f"{within_s:.0f} 秒内没有等到{what}")


class CommandRefused(Exception):
    """A service refused a command; the message is the service's own."""


async def seen(ask: Callable[[], Awaitable[T | None]], what: str, within_s: float = 15.0) -> T:
    """Ask until there is an answer. Raises NotSeen when there is none in time."""
    deadline, pause = time.monotonic() + within_s, 0.02
    while (answer := await ask()) is None:
        if time.monotonic() > deadline:
            raise NotSeen(what, within_s)
        await asyncio.sleep(pause)
        pause = min(0.25, pause * 1.5)
    return answer


async def together(ask: Callable[[T], Awaitable[R]], about: Iterable[T], at_once: int = 16) -> list[R]:
    """`ask` about each, at most `at_once` at a time; the answers in order."""
    limit = asyncio.Semaphore(at_once)

    async def one(item: T) -> R:
        async with limit:
            return await ask(item)

    return list(await asyncio.gather(*(one(item) for item in about)))


class Desk:
    """HTTP of all services; `staff` is who asks when nobody else is named."""

    def __init__(self, settings: StackSettings, staff: str = "demo") -> None:
        self._settings = settings
        self.http = httpx.AsyncClient(auth=self.by(staff), timeout=15.0, trust_env=False)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.http.aclose()

    def by(self, staff: str) -> Signed:
        """Signs requests as those of `staff`."""
        return Signed(self._settings, on_this_machine(staff))

    def url(self, service: str, path: str) -> str:
        return self._settings.url(service) + path

    async def ready(self, service: str) -> bool:
        try:
            return (await self.http.get(self.url(service, "/health/ready"), timeout=3.0)).status_code == 200
        except httpx.HTTPError:
            return False

    async def get(self, service: str, path: str, **params: Any) -> Any:
        """The answer's JSON. Raises httpx.HTTPStatusError when there is none."""
        answer = await self.http.get(self.url(service, path), params=params)
        return answer.raise_for_status().json()

    async def outcome(self, channel: str, message_id: str) -> Json | None:
        """What intake made of a message; None while it has not handled it."""
        answer = await self.http.get(self.url("intake", f"/messages/{channel}/{quote(message_id, safe='')}"))
        if answer.status_code == 404:
            return None
        found: Json = answer.raise_for_status().json()
        return found

    async def post(self, service: str, path: str, by: str, body: Json | None = None) -> Json:
        """Give a command. Raises CommandRefused with the service's reason."""
        answer = await self.http.post(self.url(service, path), json=body or {}, auth=self.by(by))
        if answer.is_client_error:
            raise CommandRefused(f"{path}: {answer.json().get('message', answer.text)}")
        done: Json = answer.raise_for_status().json()
        return done

    async def act(self, case_id: str, verb: str, by: str, body: Json) -> None:
        """A command on a case, carried out when this returns."""
        done = await self.post("intake", f"/cases/{case_id}/{verb}", by, body)
        if done["status"] == "accepted":

            async def carried_out() -> bool | None:
                case = await self.get("intake", f"/cases/{case_id}")
                return any(event["cause_id"] == done["command_id"] for event in case["timeline"]) or None

            await seen(carried_out, f"命令 {verb} 的结果")

    async def clocks(self, case_id: str) -> list[Json]:
        rows: list[Json] = await self.get("sla", "/clocks", case_id=case_id)
        return rows

    async def article(self, number: str) -> Json | None:
        """The article that a case became; None while there is none."""
        answer = await self.http.get(self.url("knowledge", f"/articles/{number}"))
        if answer.status_code == 404:
            return None
        found: Json = answer.raise_for_status().json()
        return found

    async def search(self, text: str, limit: int = 10) -> list[Json]:
        answer = await self.http.get(self.url("knowledge", "/search"), params={"q": text, "limit": limit})
        hits: list[Json] = answer.raise_for_status().json()["hits"]
        return hits

    async def inbox(self, audiences: Iterable[str], limit: int = 500) -> list[Json]:
        """The latest alerts of these audiences."""
        rows: list[Json] = await self.get("notify", "/inbox", audience=list(audiences), limit=limit)
        return rows
