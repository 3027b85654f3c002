"""Who is at the door: the session's person becomes the request's principal before any route's guard looks."""

from math import ceil
from typing import cast

from litestar import Request
from litestar.enums import ScopeType
from litestar.exceptions import PermissionDeniedException, TooManyRequestsException
from litestar.middleware import ASGIMiddleware
from litestar.response import Redirect
from litestar.types import ASGIApp, Receive, Scope, Send

from chassis.access import admit
from services.console.asking import Asker, Services
from services.console.metrics import begins
from services.console.signin.session import settings_of, visitor_in, visitor_of
from services.console.web.forgery import is_from_elsewhere
from services.console.web.pace import Pace
from services.console.web.page import AnyRequest

_OPEN_TO_ALL = ("/me", "/sign-out", "/live")
_SAFE = ("GET", "HEAD", "OPTIONS")


class Door(ASGIMiddleware):
    """Puts `visitor` and `principal` into the request's state; with a one-time password only its change is open."""

    scopes = (ScopeType.HTTP,)
    exclude_path_pattern = ("^/static/", "^/vendor/", "^/health/", "^/metrics$", "^/token$")

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Whether a page is open to strangers is its route's word: for a form it is heard before anything is read."""
        begins(scope)
        request: AnyRequest = Request(scope, receive, send)
        visitor = await visitor_of(request)
        who = visitor.session_id if visitor else request.client.host if request.client else ""
        if wait_s := pace_of(request).wait_s(who):
            raise TooManyRequestsException(headers={"Retry-After": str(ceil(wait_s))})
        if visitor is not None:
            scope["state"].update(visitor=visitor, principal=visitor.principal)
            if visitor.goes_first and not _is_below(request.url.path, _OPEN_TO_ALL):
                redirect = Redirect(visitor.goes_first).to_asgi_response(app=None, request=request)
                return await redirect(scope, receive, send)
        else:
            scope["state"]["principal"] = None  # a token is for the services; whoever looks at pages has a session
        if request.method not in _SAFE:
            if is_from_elsewhere(request, settings_of(request.app.state).console_public_url):
                raise PermissionDeniedException("这个请求来自别的网站: 请在服务台的页面上操作")
            admit(request, scope["route_handler"])
        return await next_app(scope, receive, send)


def pace_of(request: AnyRequest) -> Pace:
    return cast(Pace, request.app.state.service.state["pace"])


def asker(request: AnyRequest) -> Asker:
    """The other services, in the name of who looks; pages get it by the name `desk`."""
    services: Services = request.app.state.service.state["services"]
    return services.by(visitor_in(request).principal, request.client.host if request.client else "")


def _is_below(path: str, places: tuple[str, ...]) -> bool:
    return any(path == place or path.startswith(f"{place}/") for place in places)
