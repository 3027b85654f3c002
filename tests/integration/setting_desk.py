"""The parts of notify that settings are made of, in the test's own process, on a desk of real servers."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

import httpx

from chassis.follow import Follower
from chassis.http import application
from chassis.service import Service, running
from chassis.token import Signer
from services.notify.people.calendars import Calendars
from services.notify.people.picture import People
from services.notify.preferences.start import ROUTES, start_preferences
from tests.support.desk import Desk
from tests.support.signing import AsTold
from tests.unit.notify.people import account, entry, staff
from yibao.signing import on_this_machine

VAULT_KEY = b"1" * 32
KINDS = {"sms": "sms", "mail": "email", "push": "web_push", "robot": "wecom_robot"}
PHONE = "13800138000"
WANG = {"X-Yibao-Staff": "wang.fang"}
Json = dict[str, Any]


class Notify:
    """The parts of notify that settings are made of, in this process, with another process's picture beside it."""

    def __init__(self, http: httpx.AsyncClient, service: Service, desk: Desk) -> None:
        self.http, self.service, self.desk = http, service, desk
        self.people: People = service.state["people"]

    async def put(self, path: str, body: Json, **headers: str) -> httpx.Response:
        return await self.http.put(path, json=body, headers={**WANG, **headers})

    async def done(self, path: str, body: Json, **headers: str) -> Json:
        answer = await self.put(path, body, **headers)
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()
        return found

    async def post(self, path: str, body: Json) -> httpx.Response:
        return await self.http.post(path, json=body, headers=WANG)

    async def delete(self, path: str) -> httpx.Response:
        return await self.http.delete(path, headers=WANG)

    async def get(self, path: str) -> Any:
        return (await self.http.get(path)).json()


@asynccontextmanager
async def notify_on(desk: Desk) -> AsyncIterator[Notify]:
    settings = desk.settings.acting("notify").model_copy(update={"command_wait_s": 10.0})

    async def start(service: Service) -> None:
        people = People()
        people.hear(entry(staff("wang.fang", account("phone", PHONE))))
        follower = Follower(service.js, "SETTING", people.wishes.hear, people.wishes.forget)
        service.background("settings picture", follower.run())
        await follower.caught_up()
        await start_preferences(service, VAULT_KEY, people, Calendars(), KINDS)

    app = application("notify", "设置", settings, start, ROUTES)
    app.state.signer = Signer(settings.desk_key)
    # Without the framework's lifespan, which has to end in the task that began it.
    async with running("notify", settings, start) as app.state.service:
        transport = httpx.ASGITransport(cast(Any, app))
        async with httpx.AsyncClient(transport=transport, base_url=settings.url("notify"), timeout=20) as http:
            http.auth = AsTold(desk.settings, on_this_machine())
            yield Notify(http, app.state.service, desk)
