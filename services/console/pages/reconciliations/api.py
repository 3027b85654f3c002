"""Reconciliations: the list, one of them with its totals and differences, and what desk and hospital do about it."""

import asyncio
from typing import Annotated, Any, Final
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from litestar import Response, get, post
from litestar.params import Parameter
from litestar.response import Template
from litestar.types import ControllerRouterHandler

from chassis.access import ASKERS, STAFF, WITH_HOSPITALS
from services.console.asking import Answered, Asker
from services.console.pages.names import names
from services.console.pages.partly import given, part
from services.console.pages.reconciliations import view
from services.console.pages.reports.asking import run_path
from services.console.pages.reports.view import pages
from services.console.web.forms import Form
from services.console.web.page import AnyRequest, page, see_other

_MOST: Final = 100
_HERE = "/reconciliations"
_FILTERS: Final = ("of", "unanswered", "find")


@get(_HERE, roles=WITH_HOSPITALS, include_in_schema=False)
async def reconciliations(
    request: AnyRequest, desk: Asker, period: str = "", institution: str = "", status: str = ""
) -> Template:  # fmt: skip
    asked = {"period": period.strip(), "institution": institution.strip(),
             "status": status if status in view.STATES else ""}  # fmt: skip
    found, named = await asyncio.gather(
        desk.get("stats", _HERE, **asked, limit=_MOST), names(desk, "institution")
    )  # fmt: skip
    return page(
        request, "reconciliations/list.html", "对账", rows=[view.brief(r, named) for r in found], asked=asked,
        states=view.STATES, may_start=_decides(desk), here=urlencode(asked), most=_MOST, names=named,
    )  # fmt: skip


def _decides(desk: Asker) -> bool:
    """Of the desk or of the whole centre."""
    return desk.who.role in STAFF and not desk.who.districts


@post(_HERE, roles=STAFF, include_in_schema=False)
async def start(request: AnyRequest, desk: Asker, data: Form) -> Response[Any]:
    """Compares both ledgers as they are now; again, for a period that was compared before."""
    told = await desk.post("stats", "/runs", view.started(data))
    return see_other(request, run_path(told), "已开始对账, 完成后会通知您")


@get(_HERE + "/{id_:uuid}", roles=WITH_HOSPITALS, include_in_schema=False)
async def reconciliation(
    request: AnyRequest, desk: Asker, id_: UUID, of: Annotated[int, Parameter(ge=1, le=9)] | None = None,
    unanswered: bool = False, find: str = "", offset: Annotated[int, Parameter(ge=0)] = 0,
) -> Template:  # fmt: skip
    asked = {"of": of or "", "unanswered": "true" if unanswered else "", "find": find.strip()[:64]}
    path = f"{_HERE}/{id_}"
    found, listed, totals, named = await asyncio.gather(
        desk.get("stats", path),
        desk.get("stats", f"{path}/differences", **asked, offset=offset, limit=view.PAGE),
        part(desk.get("stats", f"{path}/totals")),
        names(desk, "institution"),
    )
    shown = view.brief(found, named)
    return page(
        request, "reconciliations/one.html", f"{shown['institution']} {found['period']} 对账", found=shown,
        listed=listed, totals=given(totals, []), totals_error=totals if isinstance(totals, Answered) else None,
        asked=asked, here=urlencode(asked), offset=offset, pages=pages(listed["count"], offset, view.PAGE),
        told=view.told(found["timeline"]), verdicts=view.VERDICTS, amounts=view.AMOUNTS, decides=_decides(desk),
        may_answer=desk.who.role in ASKERS and found["status"] == "raised",
    )  # fmt: skip


@post(_HERE + "/{id_:uuid}/answer", roles=ASKERS, include_in_schema=False)
async def answer(request: AnyRequest, desk: Asker, id_: UUID, data: Form) -> Response[Any]:
    """What was filled in on a page of differences; what stood there already is not said again."""
    query = {name: value for name, value in parse_qsl(data.get("back", "")) if name in _FILTERS}
    listed = {**query, "offset": data.get("offset", "0"), "limit": view.PAGE}
    shown = await desk.get("stats", f"{_HERE}/{id_}/differences", **listed)
    said = view.answers(data, view.before(shown["differences"]))
    if not said:
        raise Answered(400, "没有新的反馈: 请先选择每条差异的反馈")
    await desk.post("stats", f"{_HERE}/{id_}/answer", {"answers": said})
    return see_other(request, f"{_HERE}/{id_}?{urlencode(query)}#differences", f"已反馈 {len(said)} 条")


@post(_HERE + "/{id_:uuid}/{step:str}", roles=STAFF, include_in_schema=False)
async def move(request: AnyRequest, desk: Asker, id_: UUID, step: str, data: Form) -> Response[Any]:
    """Raise or settle; whether it is time for that, stats knows."""
    if step not in _STEPS:
        raise Answered(404, "没有这个操作: 请刷新页面后再试")
    match = {"If-Match": f'"{data["version"]}"'} if data.get("version") else {}
    await desk.post("stats", f"{_HERE}/{id_}/{step}", {"note": data.get("note", "").strip()}, headers=match)
    return see_other(request, f"{_HERE}/{id_}", _STEPS[step])


_STEPS: Final = {"raise": "已下发医院", "settle": "已办结"}
ROUTES: Final[list[ControllerRouterHandler]] = [reconciliations, start, reconciliation, answer, move]
