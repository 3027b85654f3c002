"""Notify served by the test's own process, so that a test can look at its parts as well as at its HTTP."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import uvicorn

from chassis.http import application, now
from chassis.outgoing import from_command
from chassis.service import Service
from chassis.vault import load_key
from contracts.envelope import SYSTEM
from contracts.notify import PostNotice
from services.notify import main
from services.notify.inbox.start import ROUTES as INBOX
from services.notify.proof.start import ROUTES, start_proof
from tests.support.desk import Desk, desk_in
from tests.support.wait import until

WANG = {"X-Yibao-Staff": "wang"}
Json = dict[str, Any]


async def start(service: Service) -> None:
    await main.start(service)
    if "feed_tokens" not in service.state:
        key = load_key("", service.settings.data_dir)
        start_proof(service, service.state["people"], key, keep_days=400)


@asynccontextmanager
async def notify_in(directory: Path) -> AsyncIterator[tuple[Desk, Service]]:
    """Real servers, and notify on its port."""
    async with desk_in(directory) as desk, serving(desk) as service:
        yield desk, service


@asynccontextmanager
async def serving(desk: Desk) -> AsyncIterator[Service]:
    routes: list[Any] = [*INBOX, *ROUTES]
    app = application("notify", "通知", desk.settings, start, routes)
    port = desk.settings.port("notify")
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_config=None, ws="none"))
    running = asyncio.create_task(server.serve())
    try:
        await desk.ready("notify")
        yield app.state.service
    finally:
        server.should_exit = True
        await running


async def post(desk: Desk, to: str, title: str = "测试通知", rule: str = "test") -> UUID:
    """A notice, which is an alert when this returns."""
    alert_id = uuid4()
    facts = {"rule": rule, "to": (to,), "title": title, "body": "请确认"}
    command = PostNotice.model_validate(
        {"id": uuid4(), "occurred_at": now(), "actor": SYSTEM, "alert_id": alert_id, **facts}
    )
    await desk.outbox.publish([from_command(command)])
    await until(
        f"{title} is an alert", lambda: desk.mongo[desk.settings.mongo_db]["alerts"].find_one({"_id": alert_id})
    )
    return alert_id
