"""Schedules: which report is counted by itself, and when."""

import asyncio
from typing import Any, Final
from uuid import UUID

from litestar import Response, get, post
from litestar.response import Template
from litestar.types import ControllerRouterHandler

from chassis.access import DESK, READERS
from services.console.asking import Asker
from services.console.pages.reports import timing, view, words
from services.console.pages.reports.asking import sheet, titles
from services.console.web.forms import words_of
from services.console.web.page import AnyRequest, see_other

_HERE = "/reports/schedules"
_NEW: Final[view.Json] = {
    "name": "", "report": "", "span": "last_month", "wanted": view.WANTED, "paused": False, "version": 0,
}  # fmt: skip


@get(_HERE, roles=READERS, include_in_schema=False)
async def schedules(request: AnyRequest, desk: Asker) -> Template:
    found, named = await asyncio.gather(desk.get("stats", "/schedules"), titles(desk))
    rows = [{**s, "title": named.get(s["report"], s["report"]), "when": timing.told(s["timing"])} for s in found]
    return sheet(
        request, desk, "schedules.html", "定时统计", schedules=rows, words=words, may_save=desk.who.role in DESK
    )  # fmt: skip


@get([f"{_HERE}/new", _HERE + "/{schedule_id:uuid}"], roles=DESK, include_in_schema=False)
async def schedule(
    request: AnyRequest, desk: Asker, schedule_id: UUID | None = None, report: str = ""
) -> Template:  # fmt: skip
    """A new one, of `report` where it is known, or one that is there."""
    reports = await desk.get("stats", "/reports")
    found = {**_NEW, "report": report} if schedule_id is None else await desk.get("stats", f"/schedules/{schedule_id}")
    return sheet(
        request, desk, "schedule.html", found["name"] or "新增定时统计", schedule=found, words=words,
        reports=[(r["report"], r["title"]) for r in reports], every=timing.EVERY,
        timing=timing.fields(found["timing"]) if schedule_id else timing.BLANK,
        where=f"{_HERE}/{schedule_id}" if schedule_id else f"{_HERE}/new",
    )  # fmt: skip


@post([f"{_HERE}/new", _HERE + "/{schedule_id:uuid}"], roles=DESK, include_in_schema=False)
async def save(request: AnyRequest, desk: Asker, schedule_id: UUID | None = None) -> Response[Any]:
    """What the form does not show of a schedule stays as it is."""
    form = await request.form()
    plain = {name: value for name, value in form.items() if isinstance(value, str)}
    if schedule_id is None:
        await desk.post("stats", "/schedules", _scheduled(plain, form.getall("forms", []), {}))
    else:
        before = await desk.get("stats", f"/schedules/{schedule_id}")
        body = _scheduled(plain, form.getall("forms", []), before)
        match = {"If-Match": f'"{plain.get("version", "")}"'}
        await desk.put("stats", f"/schedules/{schedule_id}", body, headers=match)
    return see_other(request, _HERE, "已保存")


def _scheduled(plain: dict[str, str], forms: list[str], before: view.Json) -> view.Json:
    kept: view.Json = {name: before[name] for name in ("kind", "then") if name in before}
    calendar = before.get("timing", {}).get("calendar", "desk")
    wanted = {**before.get("wanted", {}), "forms": forms or ["xlsx"]}
    for name in ("institutions", "districts"):
        wanted[name] = words_of(plain.get(name, "")) or None
    return {
        **kept, "name": plain.get("name", "").strip(), "report": plain.get("report", ""), "wanted": wanted,
        "timing": timing.timing(plain, calendar), "span": plain.get("span", "last_month"),
        "paused": plain.get("paused") == "1",
    }  # fmt: skip


@post(_HERE + "/{schedule_id:uuid}/remove", roles=DESK, include_in_schema=False)
async def remove(request: AnyRequest, desk: Asker, schedule_id: UUID) -> Response[Any]:
    await desk.delete("stats", f"/schedules/{schedule_id}")
    return see_other(request, _HERE, "已删除")


ROUTES: Final[list[ControllerRouterHandler]] = [schedules, schedule, save, remove]
