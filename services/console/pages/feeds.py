"""Calendars that programs subscribe to: they cannot sign in, a token in the address says whose it is."""

from typing import Any, Final

from litestar import Response, get
from litestar.types import ControllerRouterHandler

from chassis.access import ANYBODY
from chassis.token import Principal
from services.console.asking import Services
from services.console.settings import ConsoleSettings
from services.console.web.page import AnyRequest

_PROGRAM: Final = Principal("calendar", "hospital")  # of no institution: the token in the address is all it has
_OF: Final = {"/duty/": "notify", "/obligations/": "sla"}


def subscribed(request: AnyRequest, url: str) -> str:
    """The address that people give to their calendar, for the one that a service has told."""
    settings: ConsoleSettings = request.app.state.service.state["settings"]
    return (settings.console_public_url or str(request.base_url)).rstrip("/") + "/calendars" + url


@get("/calendars/duty/{file:str}", roles=ANYBODY, include_in_schema=False)
async def duty(request: AnyRequest, file: str) -> Response[Any]:
    return await _feed(request, "/duty/", file)


@get("/calendars/obligations/{file:str}", roles=ANYBODY, include_in_schema=False)
async def obligations(request: AnyRequest, file: str) -> Response[Any]:
    return await _feed(request, "/obligations/", file)


async def _feed(request: AnyRequest, where: str, file: str) -> Response[Any]:
    services: Services = request.app.state.service.state["services"]
    query = list(request.query_params.multi_items())
    path = where + (file if file.endswith(".ics") else "none.ics")
    answer = await services.by(_PROGRAM, "").answer("GET", _OF[where], path, params=query)
    return Response(answer.content, media_type="text/calendar")


ROUTES: Final[list[ControllerRouterHandler]] = [duty, obligations]
