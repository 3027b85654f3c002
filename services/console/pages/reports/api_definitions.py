"""Definitions: their versions, what differs between two, and the steps by which three people agree on one."""

import asyncio
from typing import Any, Final, Literal

from litestar import Response, get, post
from litestar.response import Template
from litestar.types import ControllerRouterHandler

from chassis.access import DESK, READERS, STAFF
from services.console.asking import Answered, Asker, segment
from services.console.pages.partly import given, part
from services.console.pages.reports import agreeing, words
from services.console.pages.reports.asking import sheet, titles
from services.console.web.forms import Form
from services.console.web.page import AnyRequest, see_other

Step = Literal["confirm", "return", "approve", "enforce", "retire"]
_HERE = "/reports/definitions"
_ONE = "/reports/{report:str}/versions"


@get(_HERE, roles=READERS, include_in_schema=False)
async def definitions(request: AnyRequest, desk: Asker) -> Template:
    """Those that the desk has drafted; what waits for somebody comes first."""
    found, named = await asyncio.gather(desk.get("stats", "/definitions"), titles(desk))
    return sheet(
        request, desk, "definitions.html", "口径修订", rows=agreeing.overview(found, named), words=words,
        may_draft=desk.who.role in DESK,
    )  # fmt: skip


@get(_ONE, roles=READERS, include_in_schema=False)
async def versions(
    request: AnyRequest, desk: Asker, report: str, before: str = "", after: str = ""
) -> Template:  # fmt: skip
    """With the difference of two versions; without a word, of the newest against the one in force."""
    agreed, force = await asyncio.gather(
        part(desk.get("stats", f"/definitions/{report}")), part(desk.get("stats", f"/reports/{report}"))
    )
    if isinstance(agreed, Answered) and (agreed.status != 404 or isinstance(force, Answered)):
        raise agreed
    shown = agreeing.versions(given(agreed, {"versions": []})["versions"], given(force, None), desk.who)
    old, new = agreeing.compared(shown, before, after)
    diff = await part(desk.get("stats", f"/definitions/{report}/diff", before=old, after=new)) if old != new else None
    return sheet(
        request, desk, "versions.html", f"口径版本: {agreeing.title_of(shown, report)}", report=report, versions=shown,
        diff=diff if isinstance(diff, dict) else None, diff_error=diff if isinstance(diff, Answered) else None,
        old=old, new=new, words=words, may_draft=desk.who.role in DESK,
        may_try=desk.who.role in STAFF and not desk.who.districts, lines=agreeing.lines(given(diff, None)),
    )  # fmt: skip


@get([f"{_HERE}/new", "/reports/{report:str}/draft"], roles=DESK, include_in_schema=False)
async def draft(request: AnyRequest, desk: Asker, report: str = "", of: str = "") -> Template:
    """A new text, from version `of` or from what is in force."""
    text = {"source": "", "sql": ""}
    if report:
        of = of or (await desk.get("stats", f"/reports/{report}"))["definition_hash"]
        text = await desk.get("stats", f"/definitions/{report}/text/{segment(of)}")
    return sheet(request, desk, "draft.html", "起草口径", report=report, text=text)


@post("/reports/draft", roles=DESK, include_in_schema=False)
async def save_draft(request: AnyRequest, desk: Asker, data: Form) -> Response[Any]:
    report = data.get("report", "").strip()
    body = {name: data.get(name, "").replace("\r\n", "\n") for name in ("source", "sql", "note")}
    await desk.post("stats", f"/definitions/{report}", body)
    return see_other(request, f"/reports/{report}/versions", "已存为草稿, 请科室确认")


@post("/reports/{report:str}/versions/{hash_:str}/{step:str}", roles=STAFF, include_in_schema=False)
async def move(request: AnyRequest, desk: Asker, report: str, hash_: str, step: Step, data: Form) -> Response[Any]:
    """Whose turn it is, and who may not decide about his own, stats knows."""
    body = {"note": data.get("note", "").strip(), "department": data.get("department", "").strip()}
    await desk.post("stats", f"/definitions/{report}/{hash_}/{step}", body)
    return see_other(request, f"/reports/{report}/versions", f"已{agreeing.STEPS[step]}")


ROUTES: Final[list[ControllerRouterHandler]] = [definitions, versions, draft, save_draft, move]
