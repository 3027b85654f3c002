"""HTTP of every service: OpenAPI, health, metrics, commands' outcomes and errors in one shape."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Literal

import uvicorn
from litestar import Litestar, MediaType, Request, Response, get
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from litestar.response import Redirect
from litestar.routes import WebSocketRoute
from litestar.static_files import create_static_files_router
from litestar.types import ControllerRouterHandler
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from chassis.access import ANYBODY, OPERATORS, admit, check_routes, table
from chassis.describing import ASSETS, described
from chassis.problems import HANDLERS, problem
from chassis.service import Service, Start, lifespan
from chassis.settings import Settings
from contracts.envelope import Command

AnyRequest = Request[Any, Any, Any]
_IDLE_S = 30
_STATUS = {"not_found": 404}


@get("/", include_in_schema=False, roles=ANYBODY, sync_to_thread=False)
def to_docs() -> Redirect:
    """Whoever opens the bare address wants to know what is here."""
    return Redirect("/docs")


@get("/health/live", roles=ANYBODY, tags=["health"], sync_to_thread=False, summary="进程是否在")
def live() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@get("/health/ready", roles=ANYBODY, tags=["health"], summary="是否就绪")
async def ready(state: State) -> Response[dict[str, Any]]:
    """503 names the part that fails."""
    service: Service = state.service
    parts = await service.health.report()
    ok = all(answer == "ok" for answer in parts.values())
    return Response({"ready": ok, "parts": parts}, status_code=200 if ok else 503)


@get("/metrics", roles=ANYBODY, media_type=MediaType.TEXT, tags=["health"], sync_to_thread=False, summary="指标")
def metrics() -> Response[bytes]:
    """For Prometheus."""
    return Response(generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})


@get(
    "/access", roles=OPERATORS | {"auditor"}, tags=["health"], sync_to_thread=False, exception_handlers=HANDLERS,
    summary="各身份的权限",
)  # fmt: skip
def access(request: AnyRequest) -> list[dict[str, Any]]:
    """To whom each route is open, as the routes themselves say it; `roles` is empty where anybody may."""
    return table(request.app)


def now() -> datetime:
    """The time at which a request became a command."""
    return datetime.now(UTC)


async def carry_out(service: Service, command: Command, where: str) -> Response[dict[str, Any]]:
    """200 with the outcome, 202 with `where` to look when it is late, 404 or 409 when it is refused."""
    reply = await service.commands.send(command)
    if reply is None:
        body: dict[str, Any] = {"command_id": str(command.id), "status": "accepted", "url": where}
        return Response(body, status_code=202, headers={"Location": where})
    if not reply.ok:
        return problem(_STATUS.get(reply.code, 409), reply.code, reply.message)
    body = {"command_id": str(command.id), "status": "done", "id": reply.aggregate_id, "version": reply.version}
    return Response(body, status_code=200)


def _sought(request: AnyRequest) -> None:
    """Refuses what no database can look for."""
    if b"%00" in request.scope["query_string"]:
        raise HTTPException(status_code=400, detail="查询中有看不见的字符: 请删除后再试")


def application(
    name: str,
    title: str,
    settings: Settings,
    start: Start,
    routes: Sequence[ControllerRouterHandler],
    home: bool = True,
    proxied: bool = False,
    **more: Any,
) -> Litestar:
    """The service's ASGI application; `more` goes to Litestar. Raises CannotStart for a route open to nobody knows.

    `proxied`: people reach it by a proxy of `FORWARDED_ALLOW_IPS`, which is believed where a request comes from.
    """
    own: list[ControllerRouterHandler] = [
        *([to_docs] if home else []),
        live,
        ready,
        metrics,
        access,
        *([create_static_files_router("/assets", [ASSETS])] if home else []),
    ]
    more.setdefault("exception_handlers", HANDLERS)
    more.setdefault("request_max_body_size", 512 * 1024 * 1024)
    app = Litestar(
        route_handlers=[*own, *routes],
        lifespan=[lifespan(name, settings, start)],
        guards=[admit],
        before_request=_sought,
        state=State({"audience": name, "proxied": proxied}),
        openapi_config=described(title, page=home),
        logging_config=None,
        **more,
    )
    check_routes(app)
    return app


def _websockets(app: Litestar) -> Literal["none", "websockets-sansio"]:
    """Only a service that has a WebSocket pays for the library."""
    return "websockets-sansio" if any(isinstance(route, WebSocketRoute) for route in app.routes) else "none"


def serve(app: Litestar, settings: Settings, port: int) -> None:
    """Serve until SIGTERM or SIGINT. Exits non-zero when the start-up failed."""
    # Clients let go of an idle connection after five seconds (httpx). At uvicorn's own five both do at once, and a
    # request that is on its way then is lost.
    config = uvicorn.Config(
        app, host=settings.host, port=port, log_config=None, access_log=False, loop="uvloop", ws=_websockets(app),
        proxy_headers=app.state.proxied, timeout_keep_alive=_IDLE_S, timeout_graceful_shutdown=3,
        h11_max_incomplete_event_size=256 * 1024,  # a search of 10,000 characters
    )  # fmt: skip
    server = uvicorn.Server(config)
    server.run()
    if not server.started:
        raise SystemExit(3)
