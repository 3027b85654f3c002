"""Pages of knowledge: search, one article, its votes. Editing, review and the desk's own lists are beside."""

import asyncio
from typing import Annotated, Any, Final

from litestar import Response, get, post
from litestar.params import Parameter
from litestar.response import Template
from litestar.types import ControllerRouterHandler

from chassis.access import ASKERS, WITH_HOSPITALS
from services.console.asking import Asker
from services.console.pages.knowledge import view
from services.console.pages.knowledge.api_desk import ROUTES as FOR_THE_DESK
from services.console.pages.knowledge.api_edit import ROUTES as EDITING
from services.console.pages.knowledge.api_work import ROUTES as WORK
from services.console.pages.knowledge.words import DOUBTS, KINDS, STATES
from services.console.pages.names import names
from services.console.web.forms import Form
from services.console.web.page import AnyRequest, page, see_other

Page = Annotated[int, Parameter(ge=1, le=500)]


@get("/knowledge", roles=WITH_HOSPITALS, include_in_schema=False)
async def search(
    request: AnyRequest, desk: Asker, q: str = "", category: str = "", kind: str = "", status: str = "",
    page_no: Annotated[Page, Parameter(query="page")] = 1,
) -> Template:  # fmt: skip
    """While somebody types only the hits are asked for again."""
    asked = {"q": q, "category": category, "kind": kind, "status": status}
    query = {"q": q, "category": category, "kind": kind, "state": status}
    hits = desk.get("knowledge", "/search", **query, limit=view.PAGE, offset=(page_no - 1) * view.PAGE)
    if request.headers.get("HX-Target") == "hits":
        return page(request, "knowledge/hits.html", "知识", **_found(await hits, asked, page_no))
    found, counts = await asyncio.gather(hits, desk.get("knowledge", "/articles/counts"))
    facets: dict[str, Any] = {
        "categories": view.facet(counts["by_category"], view.categories()),
        "kinds": view.facet(counts["by_kind"], KINDS),
        "states": view.facet(counts.get("by_state", {}), STATES),
    }
    return page(request, "knowledge/search.html", "知识", **facets, **_found(found, asked, page_no))


def _found(found: dict[str, Any], asked: dict[str, str], page_no: int) -> dict[str, Any]:
    hits = [view.hit(one) for one in found["hits"]]
    return {"found": found, "hits": hits, "asked": asked, "page_no": page_no, "size": view.PAGE}


@get("/knowledge/{reference:str}", roles=WITH_HOSPITALS, include_in_schema=False)
async def read(request: AnyRequest, desk: Asker, reference: str, draft: bool = False) -> Template:
    """404 for what this reader may not know of."""
    found, staff = await asyncio.gather(desk.get("knowledge", f"/articles/{reference}"), names(desk, "staff"))
    shown = view.article(found, desk.who, draft)
    return page(
        request, "knowledge/article.html", shown["shown"]["title"], article=shown, draft=draft, doubts=DOUBTS,
        staff=staff,
    )  # fmt: skip


@post("/knowledge/{reference:str}/rate", roles=ASKERS, include_in_schema=False, status_code=200)
async def rate(request: AnyRequest, desk: Asker, reference: str, data: Form) -> Response[Any]:
    """One vote of each reader, the latest counts."""
    body = {"helpful": data.get("helpful") == "yes", "why": data.get("why", "")}
    await desk.post("knowledge", f"/articles/{reference}/rate", body)
    return see_other(request, f"/knowledge/{reference}", "谢谢, 已记下您的评价")


ROUTES: Final[list[ControllerRouterHandler]] = [search, read, rate, *EDITING, *WORK, *FOR_THE_DESK]
