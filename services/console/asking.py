"""Asks the other services over HTTP in the name of whoever looks at a page; each decides itself what he may see."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import quote, unquote

import httpx

from chassis.token import Principal, Signer

Json = Any
WITHIN_S = 20.0
_NOWHERE: Final = ("", ".", "..")


class Answered(Exception):
    """A service said no, or nothing; `fields` are what was wrong with each field of a form, `said` is all it said."""

    def __init__(self, status: int, message: str, fields: tuple[str, ...] = (), said: Json = None) -> None:
        super().__init__(message)
        self.status, self.fields, self.said = status, fields, said

    @property
    def told(self) -> str:
        return "; ".join((str(self), *self.fields))


class Services:
    """`urls` by service's name."""

    def __init__(self, urls: dict[str, str], signer: Signer) -> None:
        self._urls, self._signer = urls, signer
        self._http = httpx.AsyncClient(timeout=WITHIN_S, trust_env=False, limits=httpx.Limits(max_connections=200))

    def by(self, who: Principal, address: str = "") -> "Asker":
        """Who asks; `address` is where he sits, for the audit."""
        return Asker(self, who, address)

    async def close(self) -> None:
        await self._http.aclose()

    def build(self, who: Principal, address: str, method: str, service: str, path: str, **more: Any) -> httpx.Request:
        where = self._urls[service] + as_meant(path)
        token = self._signer.sign(who, service, datetime.now(UTC))
        headers = {"Authorization": f"Bearer {token}", "X-Client-Address": address, **more.pop("headers", {})}
        if not all(value.isascii() and value.isprintable() for value in headers.values()):
            raise Answered(400, "页面已过期或内容不正确: 请刷新后再试")
        return self._http.build_request(method, where, headers=headers, **more)

    async def send(self, request: httpx.Request, stream: bool = False) -> httpx.Response:
        """Raises Answered for anything but a good answer."""
        try:
            answer = await self._http.send(request, stream=stream)
            if answer.is_error:
                await answer.aread()
        except httpx.HTTPError:
            raise Answered(503, "后台服务暂时连不上: 请稍后再试, 仍不行请联系运维") from None
        if answer.is_error:
            raise _refused(answer)
        return answer


class Asker:
    """One person's questions: `await asker.get("intake", "/cases", status="open")`. All raise Answered."""

    def __init__(self, services: Services, who: Principal, address: str) -> None:
        self._services, self.who, self._address = services, who, address

    async def get(self, service: str, path: str, **query: Any) -> Json:
        return (await self.answer("GET", service, path, params=_given(query))).json()

    async def post(self, service: str, path: str, body: Json = None, **more: Any) -> Json:
        return _json(await self.answer("POST", service, path, json={} if body is None else body, **more))

    async def put(self, service: str, path: str, body: Json, **more: Any) -> Json:
        return _json(await self.answer("PUT", service, path, json=body, **more))

    async def delete(self, service: str, path: str, **query: Any) -> Json:
        return _json(await self.answer("DELETE", service, path, params=_given(query)))

    async def answer(self, method: str, service: str, path: str, **more: Any) -> httpx.Response:
        """The whole answer, where headers or bytes count."""
        return await self._services.send(self._build(method, service, path, **more))

    @asynccontextmanager
    async def stream(self, service: str, path: str, **query: Any) -> AsyncIterator[httpx.Response]:
        """A file of any size, block by block."""
        answer = await self._services.send(self._build("GET", service, path, params=_given(query)), stream=True)
        try:
            yield answer
        finally:
            await answer.aclose()

    def _build(self, method: str, service: str, path: str, **more: Any) -> httpx.Request:
        return self._services.build(self.who, self._address, method, service, path, **more)


def segment(id_: str) -> str:
    """An id of a form or a query as one part of a path, whatever is in it."""
    return quote(id_, safe="")


def as_meant(path: str) -> str:
    """The path, if no id in it leads to another route: browsers send what they like for one. Raises Answered."""
    ids = [unquote(part) for part in path.split("/")[1:]]
    if "?" in path or "#" in path or not path.isprintable() or any(one in _NOWHERE or "/" in one for one in ids):
        raise Answered(404, "没有这个页面, 或不在您的权限范围内")
    return path


def _given(query: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in query.items() if value not in (None, "", [], False)}


def _json(answer: httpx.Response) -> Json:
    return answer.json() if answer.content else {}


def _refused(answer: httpx.Response) -> Answered:
    try:
        told = answer.json()
    except ValueError:
        told = {}
    fields = tuple(" ".join(filter(None, (f.get("key"), f.get("message")))) for f in told.get("fields", ()))
    message = "填写的内容不正确" if fields else str(told.get("message") or f"服务出错 ({answer.status_code})")[:500]
    return Answered(answer.status_code, message, fields, told)
