"""Asking: the form, what the desk already knows about it while it is typed, and the case that it becomes."""

from typing import Any, Final
from uuid import uuid4

from litestar import Response, get, post
from litestar.response import Template
from litestar.types import ControllerRouterHandler

from chassis.access import ASKERS
from services.console.asking import Answered, Asker
from services.console.pages.ask.handing import MOST_FILES, hand_in
from services.console.pages.cases.words import CATEGORIES
from services.console.pages.names import names
from services.console.web.page import AnyRequest, page, see_other

_LEAST: Final = 4
_SHOWN: Final = 5


@get("/ask", roles=ASKERS, include_in_schema=False)
async def ask(request: AnyRequest, desk: Asker) -> Template:
    """A hospital asks for itself, staff in the name of whoever came to them."""
    mine = desk.who.institutions
    institutions = {code: code for code in mine} if mine else await names(desk, "institution")
    return page(
        request, "ask/ask.html", "提问", categories=CATEGORIES, institutions=institutions, once=uuid4().hex,
        hospital=desk.who.role == "hospital", most_files=MOST_FILES,
    )  # fmt: skip


@get("/ask/similar", roles=ASKERS, include_in_schema=False)
async def similar(request: AnyRequest, desk: Asker, text: str = "") -> Template:
    """Articles that may answer before anybody is asked."""
    hits = []
    if len(text.strip()) >= _LEAST:
        hits = (await desk.get("knowledge", "/search", q=text.strip()[:500], limit=_SHOWN))["hits"]
    return page(request, "ask/similar.html", "相近的知识", hits=hits, asked=bool(text.strip()))


@post("/ask", roles=ASKERS, include_in_schema=False)
async def send(request: AnyRequest, desk: Asker) -> Response[Any]:
    """On to where it becomes a case."""
    taken = await hand_in(request, desk, "/questions", "text", "category", "institution")
    return see_other(request, f"/ask/sent/{taken['message_id']}")


@get("/ask/sent/{message:str}", roles=ASKERS, include_in_schema=False)
async def sent(request: AnyRequest, desk: Asker, message: str) -> Response[Any] | Template:
    """The case, as soon as there is one: a moment later."""
    try:
        found = await desk.get("intake", f"/messages/web/{message}")
    except Answered as error:
        if error.status != 404:
            raise
        return page(request, "ask/sent.html", "正在受理", message=message)
    return see_other(request, f"/cases/{found['id']}", f"已受理: {found['number']}")


ROUTES: Final[list[ControllerRouterHandler]] = [ask, similar, send, sent]
