"""Runs: the list, one of them as it goes on and as it ended, and what people decide about its result."""

import asyncio
from typing import Annotated, Any, Final
from uuid import UUID

from litestar import Response, get, post
from litestar.params import Parameter
from litestar.response import Stream, Template
from litestar.types import ControllerRouterHandler

from chassis.access import ASKERS, STAFF, WITH_HOSPITALS
from services.console.asking import Answered, Asker
from services.console.pages.partly import part
from services.console.pages.reports import view, words
from services.console.pages.reports.asking import sheet, titles
from services.console.web.download import download as passed_on
from services.console.web.forms import Form
from services.console.web.page import AnyRequest, see_other

_MOST: Final = 100


@get("/runs", roles=WITH_HOSPITALS, include_in_schema=False)
async def runs(request: AnyRequest, desk: Asker, kind: str = "", status: str = "") -> Template:
    asked = {
        "kind": kind if kind in words.KINDS else "", "status": status if status in words.RUN_STATES else "",
        "limit": _MOST,
    }  # fmt: skip
    found, named = await asyncio.gather(desk.get("stats", "/runs", **asked), titles(desk))
    return sheet(
        request, desk, "runs.html", "统计任务", runs=[view.run(r, named) for r in found], kind=asked["kind"],
        state=asked["status"], words=words, most=_MOST,
    )  # fmt: skip


@get("/runs/{run_id:uuid}", roles=WITH_HOSPITALS, include_in_schema=False)
async def run_page(
    request: AnyRequest, desk: Asker, run_id: UUID, offset: Annotated[int, Parameter(ge=0)] = 0
) -> Template:
    """`offset` is the first line of the table that is shown."""
    path = f"/runs/{run_id}"
    found, table, named = await asyncio.gather(
        desk.get("stats", path), part(desk.get("stats", f"{path}/table", offset=offset, limit=view.PAGE)), titles(desk)
    )
    run = view.run(found, named)
    shown = table if run["kind"] == "report" and run["status"] == "finished" else None
    wrong = isinstance(shown, Answered)
    return sheet(
        request, desk, "run.html", run["title"], run=run, told=view.told(found["timeline"]), words=words,
        table=None if wrong else shown, table_error=shown if wrong else None, may=_may(desk, run),
        pages=view.pages(shown["count"], offset) if isinstance(shown, dict) else None,
    )  # fmt: skip


def _may(desk: Asker, run: view.Json) -> dict[str, bool]:
    """What he may do about it, as stats decides as well."""
    staff, mine = desk.who.role in STAFF and not desk.who.districts, run["requested_by"] == desk.who.account
    asker = desk.who.role in ASKERS
    return {
        "cancel": asker and not run["ended"] and (staff or mine),
        "comment": asker,
        "rework": asker and run["status"] == "finished" and run["kind"] == "report",
        "accept": staff and not mine and run.get("verdict") == "failed" and not run["handed_over"],
    }


@post("/runs/{run_id:uuid}/cancel", roles=ASKERS, include_in_schema=False)
async def cancel(request: AnyRequest, desk: Asker, run_id: UUID, data: Form) -> Response[Any]:
    await desk.post("stats", f"/runs/{run_id}/cancel", {"reason": data.get("reason", "")})
    return see_other(request, f"/runs/{run_id}", "已取消")


@post("/runs/{run_id:uuid}/comments", roles=ASKERS, include_in_schema=False)
async def comment(request: AnyRequest, desk: Asker, run_id: UUID, data: Form) -> Response[Any]:
    """A word; with the decision that it is counted anew it leads to the form for that."""
    decision = data.get("decision", "")
    await desk.post("stats", f"/runs/{run_id}/comments", {"text": data.get("text", ""), "decision": decision})
    if decision == "rework" and (report := data.get("report")):
        return see_other(request, f"/reports/{report}?again={run_id}", "已记录, 请修改后重新提交")
    return see_other(request, f"/runs/{run_id}", f"已{words.DECISIONS.get(decision, '批注')}")


@get("/runs/{run_id:uuid}/{file:str}", roles=WITH_HOSPITALS, include_in_schema=False)
async def download(desk: Asker, run_id: UUID, file: str) -> Stream:
    """One form of the result; who takes it stands in the log of stats before its first byte is sent."""
    if file not in words.FILE_NAMES.values():
        raise Answered(404, "没有这种格式的结果: 请从任务页面下载")
    return await passed_on(desk, "stats", f"/runs/{run_id}/{file}")


ROUTES: Final[list[ControllerRouterHandler]] = [runs, run_page, cancel, comment, download]
