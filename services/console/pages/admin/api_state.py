"""How the desk runs: parts that are ready, channels, ways out, what waits, what could not be read; who may do what."""

import asyncio
from typing import Any, Final

from litestar import get
from litestar.datastructures import State
from litestar.response import Template
from litestar.types import ControllerRouterHandler
from nats.errors import Error as NatsError

from chassis.service import Service
from services.console.asking import Answered, Asker
from services.console.pages.admin import view
from services.console.pages.admin.words import WORDS
from services.console.pages.partly import given, part
from services.console.web.menu import RUNNERS
from services.console.web.page import AnyRequest, page

_OTHERS: Final = tuple(name for name in view.SERVICES if name != "console")


@get("/admin/health", roles=RUNNERS, include_in_schema=False)
async def health(request: AnyRequest, state: State, desk: Asker) -> Template:
    service: Service = state.service
    own, *others = await asyncio.gather(service.health.report(), *(_parts(desk, name) for name in _OTHERS))
    rows = [("console", own), *zip(_OTHERS, others, strict=True)]
    shown = [{"name": name, "title": view.SERVICES[name], "parts": parts,
              "ok": all(told == "ok" for told in parts.values())} for name, parts in rows]  # fmt: skip
    return page(request, "admin/health.html", "运行状态", services=shown)


@get("/admin/channels", roles=RUNNERS, include_in_schema=False)
async def channels(request: AnyRequest, state: State, desk: Asker) -> Template:
    dead, summary, *measured = await asyncio.gather(
        _dead(state.service), part(desk.get("notify", "/deliveries/summary")), *(_measures(desk, n) for n in _OTHERS)
    )
    by_service = dict(zip(_OTHERS, measured, strict=True))
    waiting = [{**row, "service": view.SERVICES[n]} for n, text in by_service.items() for row in view.backlog(text)]
    mailbox = view.samples(by_service["intake"], "yibao_mailbox_connected")
    return page(
        request, "admin/channels.html", "渠道与发送", dead=dead, waiting=waiting, mailbox=[v for _, v in mailbox],
        channels=view.channels(by_service["intake"]), words=WORDS,
        providers=view.providers(by_service["notify"], given(summary, [])),
        silent=[view.SERVICES[name] for name, text in by_service.items() if not text],
    )  # fmt: skip


@get("/admin/roles", roles=RUNNERS, include_in_schema=False)
async def roles(request: AnyRequest, desk: Asker) -> Template:
    tables = await asyncio.gather(*(part(desk.get(name, "/access")) for name in _OTHERS))
    found = {name: given(table, []) for name, table in zip(_OTHERS, tables, strict=True)}
    silent = [view.SERVICES[name] for name, table in found.items() if not table]
    return page(
        request, "admin/roles.html", "权限", rows=view.permissions(found), pages=view.menu(), roles=view.ROLES,
        silent=silent,
    )  # fmt: skip


async def _parts(desk: Asker, service: str) -> dict[str, str]:
    """Each part of a service with `ok` or what is wrong."""
    try:
        told: dict[str, Any] = await desk.get(service, "/health/ready")
    except Answered as error:
        told = error.said or {}
        return dict(told.get("parts") or {"服务": error.told})
    return dict(told["parts"])


async def _measures(desk: Asker, service: str) -> str:
    found = await part(desk.answer("GET", service, "/metrics"))
    return "" if isinstance(found, Answered) else str(found.text)


async def _dead(service: Service) -> dict[str, int] | None:
    """Messages that could not be read, by the durable that gave up; None when the broker does not answer."""
    try:
        info = await service.js.stream_info("DEAD", subjects_filter=">")
    except (NatsError, TimeoutError):
        return None
    return {subject.removeprefix("dead."): n for subject, n in sorted((info.state.subjects or {}).items())}


ROUTES: Final[list[ControllerRouterHandler]] = [health, channels, roles]
