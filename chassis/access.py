"""To whom a route is open. Every route says it (`@get("/cases", roles=READERS)`); one that does not, does not start.

Roles decide about routes; which rows somebody sees there (a hospital its own, an officer his districts) is the
service's to decide, from the same principal.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Iterable
from contextlib import aclosing
from datetime import UTC, datetime
from time import time
from typing import Any, Final, TypeVar

from litestar import Litestar, Request
from litestar.connection import ASGIConnection
from litestar.exceptions import NotAuthorizedException, PermissionDeniedException
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler

from chassis.errors import CannotStart
from chassis.token import NotSigned, Principal, Signer, bearer
from contracts.envelope import Actor
from contracts.identity import TITLES, Role

T = TypeVar("T")
Roles = frozenset[Role]
ANYBODY: Final = "anybody"
"""No token asked: health, metrics, descriptions, and addresses that carry a signature or a token of their own."""

DESK: Final[Roles] = frozenset({"engineer", "lead"})
LEADS: Final[Roles] = frozenset({"lead"})
CENTRE: Final[Roles] = frozenset({"officer"})
STAFF: Final[Roles] = DESK | CENTRE
READERS: Final[Roles] = STAFF | {"auditor"}
"""Who reads everybody's cases and figures."""
WITH_HOSPITALS: Final[Roles] = READERS | {"hospital"}
ASKERS: Final[Roles] = STAFF | {"hospital"}
SETTERS: Final[Roles] = frozenset({"lead", "admin"})
OPERATORS: Final[Roles] = frozenset({"ops", "admin", "lead"})
EVERYBODY: Final[Roles] = frozenset(TITLES)

_OPT = "roles"
_OWN = ("/docs", "/assets")
Connection = ASGIConnection[Any, Any, Any, Any]


def admit(connection: Connection, handler: BaseRouteHandler) -> None:
    """Litestar's guard of every route: 401 without a good token, 403 where the role may not."""
    roles = handler.opt.get(_OPT, ANYBODY)  # routes of the framework itself; all others are checked at the start
    if roles == ANYBODY:
        return
    who = principal_of(connection)
    if who.role not in roles:
        wanted = "、".join(TITLES[role] for role in TITLES if role in roles)
        raise PermissionDeniedException(f"{TITLES[who.role]}没有这项权限 (需要: {wanted}): 请联系管理员")


def principal_of(connection: Connection) -> Principal:
    """Who asks. Raises NotAuthorizedException (401) where no token of this desk says it."""
    state = connection.scope["state"]
    if "principal" not in state:
        state["principal"] = _read(connection)
    if not isinstance(who := state["principal"], Principal):
        raise NotAuthorizedException("请先登录")
    return who


def _read(connection: Connection) -> Principal:
    token = bearer(connection.headers.get("Authorization", ""))
    if not token:
        raise NotAuthorizedException("请先登录: 请求头 Authorization 应为 Bearer 令牌 (yibao token 可以换取)")
    signer: Signer = connection.app.state.signer
    try:
        return signer.read(token, connection.app.state.audience, datetime.now(UTC))
    except NotSigned as error:
        raise NotAuthorizedException(str(error)) from None


def actor_of(request: Request[Any, Any, Any]) -> Actor:
    """Who acts, for the commands that the request becomes."""
    who = principal_of(request)
    return Actor(kind="requester" if who.role == "hospital" else "staff", id=who.account, name=who.name)


async def while_good(who: Principal, events: AsyncGenerator[T, None]) -> AsyncIterator[T]:
    """Events for somebody, until the token ends that he came with; then he comes again with another."""
    async with aclosing(events):
        async for event in events:
            if who.until and time() >= who.until:
                return
            yield event


def check_routes(app: Litestar) -> None:
    """Raises CannotStart for a route that does not say to whom it is open."""
    silent = sorted({path for path, handler in _handlers(app) if _OPT not in handler.opt})
    if silent:
        raise CannotStart(f"these routes do not say to whom they are open: {', '.join(silent)}")


def table(app: Litestar) -> list[dict[str, Any]]:
    """Each route that has a summary: its methods, its address, in words what it does, and to whom it is open."""
    return [
        {"path": path, "methods": sorted(handler.http_methods), "summary": handler.summary,
         "tags": list(handler.tags or ()), "roles": sorted(() if (to := handler.opt[_OPT]) == ANYBODY else to)}
        for path, handler in _handlers(app)
        if isinstance(handler, HTTPRouteHandler) and handler.summary
    ]  # fmt: skip


def _handlers(app: Litestar) -> Iterable[tuple[str, BaseRouteHandler]]:
    for route in app.routes:
        handlers = getattr(route, "route_handlers", None) or [route.route_handler]  # type: ignore[union-attr]
        for handler in handlers:
            if not route.path.startswith(_OWN) and handler.fn.__name__ != "options_handler":
                yield route.path, handler
