"""HTTP of every service: OpenAPI, health, metrics, commands' outcomes and errors in one shape."""

from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

import uvicorn
from litestar import Litestar, MediaType, Request, Response, get
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import SwaggerRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme
from litestar.response import Redirect
from litestar.routes import WebSocketRoute
from litestar.static_files import create_static_files_router
from litestar.types import ControllerRouterHandler, ExceptionHandlersMap
from nats.errors import Error as NatsError
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import ValidationError
from pymongo.errors import PyMongoError

from chassis.errors import Refused
from chassis.logging import logger
from chassis.service import Service, Start, lifespan
from chassis.settings import Settings
from chassis.wording import field, in_chinese
from contracts.envelope import Actor, Command

log = logger(__name__)

LONGEST_STAFF = 200
_STATUS = {"not_found": 404}
_MESSAGES = {
    400: "请求不正确: 见 fields, 或看 /docs",
    404: "没有这个地址: 请看 /docs",
    405: "这个地址不支持此方法: 请看 /docs",
    413: "内容过大",
    500: "服务内部出错: 请联系运维查看日志",
}
_SWAGGER = find_spec("swagger_ui")  # its place only: importing it would bring a template engine along
_ASSETS = Path((_SWAGGER.submodule_search_locations or [""])[0] if _SWAGGER else "") / "static"
# The product runs in isolated networks: the page's scripts come from here, never from a CDN.
_DOCS = SwaggerRenderPlugin(
    path="/",
    js_url="/assets/swagger-ui-bundle.js",
    css_url="/assets/swagger-ui.css",
    standalone_preset_js_url="/assets/swagger-ui-standalone-preset.js",
    favicon="<link rel='icon' href='/assets/favicon-32x32.png'>",
)
# Declared so that the page has a field for it (Authorize) and sends it. Optional, as far as the document can say it for
# all at once: most of what is only read does without.
_STAFF = Components(
    security_schemes={
        "staff": SecurityScheme(
            type="apiKey", name="X-Yibao-Staff", security_scheme_in="header",
            description="工号, 例如 wang.fang: 说明是哪位工作人员在操作。办理与登记必须填写, 只查看可以不填。",
        )
    }
)  # fmt: skip


@get("/", include_in_schema=False, sync_to_thread=False)
def home() -> Redirect:
    """Whoever opens the bare address wants to know what is here."""
    return Redirect("/docs")


@get("/health/live", tags=["health"], sync_to_thread=False, summary="进程是否在")
def live() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@get("/health/ready", tags=["health"], summary="是否就绪")
async def ready(state: State) -> Response[dict[str, Any]]:
    """503 names the part that fails."""
    service: Service = state.service
    parts = await service.health.report()
    ok = all(answer == "ok" for answer in parts.values())
    return Response({"ready": ok, "parts": parts}, status_code=200 if ok else 503)


@get("/metrics", media_type=MediaType.TEXT, tags=["health"], sync_to_thread=False, summary="指标")
def metrics() -> Response[bytes]:
    """For Prometheus."""
    return Response(generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})


def now() -> datetime:
    """The time at which a request became a command."""
    return datetime.now(UTC)


def actor_of(request: Request[Any, Any, Any]) -> Actor:
    """Who acts, from `X-Yibao-Staff`; a signed token takes its place where the desk signs its staff in."""
    try:  # the framework reads headers as Latin-1; people send UTF-8
        staff = request.headers.get("X-Yibao-Staff", "").encode("latin-1").decode().strip()
    except UnicodeError:
        raise HTTPException(status_code=400, detail="请求头 X-Yibao-Staff 应为 UTF-8 编码的工号") from None
    if len(staff) > LONGEST_STAFF or not staff.isprintable():
        raise HTTPException(status_code=400, detail="请求头 X-Yibao-Staff 过长或含控制字符: 请填写工号")
    if not staff:
        raise HTTPException(status_code=401, detail="缺少请求头 X-Yibao-Staff: 请说明是哪位工作人员在操作")
    return Actor(kind="staff", id=staff)


async def carry_out(service: Service, command: Command, where: str) -> Response[dict[str, Any]]:
    """200 with the outcome, 202 with `where` to look when it is late, 404 or 409 when it is refused."""
    reply = await service.commands.send(command)
    if reply is None:
        body: dict[str, Any] = {"command_id": str(command.id), "status": "accepted", "url": where}
        return Response(body, status_code=202, headers={"Location": where})
    if not reply.ok:
        return _problem(_STATUS.get(reply.code, 409), reply.code, reply.message)
    body = {"command_id": str(command.id), "status": "done", "id": reply.aggregate_id, "version": reply.version}
    return Response(body, status_code=200)


def _problem(status: int, code: str, message: str) -> Response[dict[str, Any]]:
    return Response({"code": code, "message": message}, status_code=status)


def _on_refused(_: Request[Any, Any, Any], error: Refused) -> Response[dict[str, Any]]:
    return _problem(error.status, error.code, str(error))


def _on_http(_: Request[Any, Any, Any], error: HTTPException) -> Response[dict[str, Any]]:
    message = _message(error) if error.detail.isascii() else error.detail
    body: dict[str, Any] = {"code": f"http_{error.status_code}", "message": message}
    if isinstance(error.extra, list):
        body["fields"] = [field(dict(one)) for one in error.extra if isinstance(one, dict)]
    return Response(body, status_code=error.status_code)


def _message(error: HTTPException) -> str:
    if error.status_code == 400 and not error.extra:
        return in_chinese(error.detail) or "正文读不出来: 请用 UTF-8 的 JSON, 文件用 multipart/form-data"
    return _MESSAGES.get(error.status_code, error.detail)


def _on_nested(_: Request[Any, Any, Any], __: RecursionError) -> Response[dict[str, Any]]:
    return _problem(400, "http_400", "正文嵌套过深: 请检查发送方")


def _on_undecodable(_: Request[Any, Any, Any], __: UnicodeDecodeError) -> Response[dict[str, Any]]:
    """A field of a form; the framework does not catch it."""
    return _problem(400, "http_400", "内容不是 UTF-8 编码: 请转换后再提交")


def _on_invalid(_: Request[Any, Any, Any], error: ValidationError) -> Response[dict[str, Any]]:
    """A body whose shape is right and whose content breaks a contract, such as a blank text."""
    fields = sorted({".".join(map(str, e["loc"])) for e in error.errors(include_input=False, include_url=False)})
    return _problem(400, "http_400", f"内容不合要求, 请检查: {', '.join(fields)}")


def _on_outage(_: Request[Any, Any, Any], error: Exception) -> Response[dict[str, Any]]:
    log.warning("a server is out of reach", error=f"{type(error).__name__}: {error}"[:300])
    return _problem(503, "out_of_reach", "暂时连不上数据库或消息服务器: 请稍后再试, 或看 /health/ready")


def _on_crash(_: Request[Any, Any, Any], error: Exception) -> Response[dict[str, Any]]:
    log.exception("request failed", error=type(error).__name__, exc_info=error)
    return _problem(500, "internal", _MESSAGES[500])


_HANDLERS: ExceptionHandlersMap = {
    Exception: _on_crash,
    Refused: _on_refused,
    HTTPException: _on_http,
    ValidationError: _on_invalid,
    PyMongoError: _on_outage,
    NatsError: _on_outage,
    RecursionError: _on_nested,
    UnicodeDecodeError: _on_undecodable,
}


def application(
    name: str, title: str, settings: Settings, start: Start, routes: Sequence[ControllerRouterHandler]
) -> Litestar:
    """The service's ASGI application."""
    return Litestar(
        route_handlers=[home, live, ready, metrics, create_static_files_router("/assets", [_ASSETS]), *routes],
        lifespan=[lifespan(name, settings, start)],
        openapi_config=OpenAPIConfig(
            title=title, version="0.1.0", path="/docs", render_plugins=[_DOCS],
            components=_STAFF, security=[{"staff": []}, {}],
        ),
        exception_handlers=_HANDLERS,
        logging_config=None,
        request_max_body_size=512 * 1024 * 1024,
    )  # fmt: skip


def _websockets(app: Litestar) -> Literal["none", "websockets-sansio"]:
    """Only a service that has a WebSocket pays for the library."""
    return "websockets-sansio" if any(isinstance(route, WebSocketRoute) for route in app.routes) else "none"


def serve(app: Litestar, settings: Settings, port: int) -> None:
    """Serve until SIGTERM or SIGINT. Exits non-zero when the start-up failed."""
    config = uvicorn.Config(
        app, host=settings.host, port=port, log_config=None, access_log=False, loop="uvloop", ws=_websockets(app),
        timeout_graceful_shutdown=3, h11_max_incomplete_event_size=256 * 1024,  # a search of 10,000 characters
    )  # fmt: skip
    server = uvicorn.Server(config)
    server.run()
    if not server.started:
        raise SystemExit(3)
