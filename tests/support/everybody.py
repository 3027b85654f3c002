"""Who knocks at a desk: people with tokens and sessions, strangers with bad ones; and what they are told."""

import io
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from zipfile import BadZipFile, ZipFile

import httpx

from chassis.token import Principal, Signer
from tests.support.console import PEOPLE, signed_in
from tests.support.desk import Desk
from tests.support.matrix import NOTHING, Route, Rows
from tests.support.traces import Json

_LISTS = {"case_ids": "case", "cases": "case", "institutions": "code", "institution": "code", "case_id": "case"}
_MORE: dict[str, Json] = {
    "intake POST /questions": {"text": "xxxx", "institution": ""},
    "intake POST /cases/{reference:str}/messages": {"text": "xxxx"},
    "stats POST /runs": {"report": "card_payments", "period": "2026-02", "institutions": []},
}


class Everybody:
    """`ask` is a request of a route by somebody, with a token for its service or with a session of the console."""

    def __init__(self, desk: Desk, sessions: dict[str, httpx.AsyncClient], stranger: httpx.AsyncClient) -> None:
        self._desk, self._sessions, self._stranger = desk, sessions, stranger
        self._signer = Signer(desk.settings.desk_key)

    def token(self, who: Principal, audience: str, age: timedelta = timedelta(0)) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._signer.sign(who, audience, datetime.now(UTC) - age)}"}

    def bad(self, service: str) -> dict[str, dict[str, str]]:
        """Headers that must not be taken for anybody's, by what is wrong with them."""
        lead = Principal("zhao.lei", "lead")
        other = "sla" if service != "sla" else "intake"
        good = self.token(lead, service)["Authorization"]
        found = {
            "nobody": {}, "another service's token": self.token(lead, other),
            "an expired token": self.token(lead, service, timedelta(hours=1)),
            "a changed token": {"Authorization": good[:-4] + ("AAAA" if good[-4:] != "AAAA" else "BBBB")},
            "the old headers": {"X-Yibao-Staff": "zhao.lei", "X-Yibao-Viewer": "engineers"},
        }  # fmt: skip
        if service == "console":  # its pages know sessions alone
            session = f"csrftoken={self._stranger.cookies['csrftoken']}; session={'x' * 43}"
            found |= {"a token": {"Authorization": good}, "a made-up session": {"Cookie": session}}
        return found

    async def ask(self, route: Route, who: Principal | dict[str, str], rows: Rows = NOTHING) -> tuple[int, bytes, str]:
        """Status, what the answer holds, and what the request has said itself."""
        url, about = self._desk.url(route.service, route.url(rows)), rows is not NOTHING
        client, headers = self._stranger, who if isinstance(who, dict) else self.token(who, route.service)
        if route.service == "console" and isinstance(who, Principal):
            client, headers = self._sessions[who.account], {}
        more = {"params": route.query(rows), **_body(route, rows)} if about else _empty(route)
        request = client.build_request(route.method, url, headers=headers, **more)
        answer = await client.send(request, stream=True)
        try:
            endless = answer.headers.get("Content-Type", "").startswith("text/event-stream")
            content = b"" if endless else _unpacked(await answer.aread())
        finally:
            await answer.aclose()
        to_sign_in = answer.is_redirect and "/sign-in" in answer.headers.get("Location", "")
        return 401 if to_sign_in else answer.status_code, content, f"{request.url} {request.content.decode()}"


def _empty(route: Route) -> dict[str, Any]:
    if route.method == "GET":
        return {}
    return {"data": {}} if route.service == "console" else {"json": {}}


def _body(route: Route, rows: Rows) -> dict[str, Any]:
    """The least that the route takes, about these rows."""
    if route.method == "GET":
        return {}
    if route.service == "console":
        return {"data": {"text": "xxxx", "reason": "xxxx", "case": rows.case, "cases": rows.case}}
    said = {**(route.body if isinstance(route.body, dict) else {}), **_MORE.get(route.name, {})}
    about = {name: getattr(rows, row) for name, row in _LISTS.items() if name in said}
    return {"json": said | {name: [value] if isinstance(said[name], list) else value for name, value in about.items()}}


def _unpacked(content: bytes) -> bytes:
    try:
        with ZipFile(io.BytesIO(content)) as packed:
            return b"\n".join(_unpacked(packed.read(name)) for name in packed.namelist())
    except BadZipFile:
        return content


@asynccontextmanager
async def everybody(desk: Desk) -> AsyncIterator[Everybody]:
    async with AsyncExitStack() as stack:
        sessions = {who: await stack.enter_async_context(signed_in(desk.settings, who)) for who in PEOPLE}
        stranger = await stack.enter_async_context(httpx.AsyncClient(timeout=20, trust_env=False))
        await stranger.get(f"{desk.settings.url('console')}/sign-in")
        stranger.headers["x-csrftoken"] = stranger.cookies["csrftoken"]
        stranger.cookies.jar.set_policy(DefaultCookiePolicy(allowed_domains=[]))  # it keeps what it has, and no more
        yield Everybody(desk, sessions, stranger)
