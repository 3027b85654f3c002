"""The pages of /institutions: find one, and all that the desk and it have to do with each other."""

import asyncio
from datetime import datetime
from typing import Any, Final

from litestar import Response, get, post
from litestar.response import Redirect, Stream, Template
from litestar.types import ControllerRouterHandler

from chassis.access import DESK, SETTERS, WITH_HOSPITALS, Roles
from chassis.zone import BEIJING
from services.console.asking import Asker
from services.console.pages.cases.words import OPEN, STATUS, STATUS_COLOURS
from services.console.pages.institutions import view
from services.console.pages.institutions.api_directory import ROUTES as DIRECTORY
from services.console.pages.institutions.api_figures import ROUTES as FIGURES
from services.console.pages.institutions.api_unknown import ROUTES as UNKNOWN
from services.console.pages.names import names
from services.console.pages.partly import given, part
from services.console.web.download import download
from services.console.web.forms import Form
from services.console.web.page import AnyRequest, page

OPEN_TO: Final[Roles] = WITH_HOSPITALS | SETTERS
_ARCHIVES: Final[Roles] = DESK | {"auditor", "hospital"}
_MOST, _ARTICLES = 100, 10
_CASES: Final = {"status": list(OPEN), "limit": 10, "brief": True}


@get("/institutions", roles=OPEN_TO, include_in_schema=False)
async def institutions(request: AnyRequest, desk: Asker, q: str = "") -> Template | Redirect:
    """A hospital with one institution is there at once."""
    if desk.who.role == "hospital" and len(desk.who.institutions) == 1:
        return Redirect(f"/institutions/{desk.who.institutions[0]}")
    found = await desk.get("intake", "/directory/institution", q=q.strip(), limit=_MOST)
    return page(request, "institutions/list.html", "机构", found=found, q=q, most=_MOST)


@get("/institutions/{code:str}", roles=OPEN_TO, include_in_schema=False)
async def institution(request: AnyRequest, desk: Asker, code: str) -> Template:
    """Its people, contracts, open cases and articles; figures follow by themselves. Admins see what they administer."""
    works, own = desk.who.role != "admin", {"q": code, "limit": _MOST}
    found, contacts, contracts, cases, articles, known = await asyncio.gather(
        desk.get("intake", f"/directory/institution/{code}"),
        part(desk.get("intake", "/directory/contact", **own)),
        part(desk.get("intake", "/directory/contract", **own)),
        part(desk.get("intake", "/cases", **_CASES, institution=code)) if works else _nothing(),
        part(_articles(desk, code)) if works else _nothing(),
        names(desk, "institution"),
    )
    today = datetime.now(BEIJING).date()
    agreed = [view.contract(one, today, known) for one in given(contracts, []) if code in one["institution_codes"]]
    return page(
        request, "institutions/institution.html", found["name"], institution=found, contracts=agreed, cases=cases,
        contacts=[view.contact(one) for one in given(contacts, []) if one["institution_code"] == code],
        articles=articles, statuses=STATUS, colours=STATUS_COLOURS, works=works, directory=(contacts, contracts),
    )  # fmt: skip


@post("/institutions/{code:str}/contacts/{contact:str}/reveal", roles=DESK, include_in_schema=False, status_code=200)
async def reveal(request: AnyRequest, desk: Asker, code: str, contact: str, data: Form) -> Response[str]:
    """The number in clear; who read it and why is on the log before."""
    body = {"identity": data.get("identity", ""), "reason": data.get("reason", "")}
    told = await desk.post("intake", f"/directory/contact/{contact}/reveal", body)
    return Response(told.get("account", "稍后再试"), media_type="text/plain", headers={"Cache-Control": "no-store"})


@get("/institutions/{code:str}/archive", roles=_ARCHIVES, include_in_schema=False)
async def archive(desk: Asker, code: str, name: str = "", everything: bool = False) -> Stream:
    """Its own articles as a book, with `everything` also those for all hospitals."""
    more = {"with": "hospitals"} if everything else {}
    return await download(desk, "knowledge", f"/archive/{code}.pdf", name=name[:40], **more)


async def _articles(desk: Asker, code: str) -> Any:
    return await desk.get("knowledge", "/articles", audience=f"hospital:{code}", limit=_ARTICLES)


async def _nothing() -> None:
    return None


ROUTES: Final[list[ControllerRouterHandler]] = [
    institutions, institution, reveal, archive, *FIGURES, *DIRECTORY, *UNKNOWN,
]  # fmt: skip
