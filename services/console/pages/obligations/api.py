"""What is due: a month's calendar, the list by due date, one obligation with its items and their evidence."""

import asyncio
from typing import Any, Final
from uuid import UUID

from litestar import get
from litestar.response import Stream, Template
from litestar.types import ControllerRouterHandler

from chassis.access import CENTRE, LEADS, STAFF, WITH_HOSPITALS
from services.console.asking import Asker
from services.console.pages.feeds import subscribed
from services.console.pages.months import beside, month_in, today
from services.console.pages.obligations import view
from services.console.pages.obligations.api_attainment import ROUTES as ATTAINMENT
from services.console.pages.obligations.api_changes import ROUTES as CHANGES
from services.console.pages.obligations.api_exemptions import ROUTES as EXEMPTIONS
from services.console.pages.partly import given, part
from services.console.web.download import download
from services.console.web.page import AnyRequest, page


@get("/obligations", roles=WITH_HOSPITALS, include_in_schema=False)
async def obligations(
    request: AnyRequest, desk: Asker, month: str = "", shown: str = "", institution: str = "", contract: str = ""
) -> Template:
    first = month_in(month, today())
    shown = shown if shown in view.STATES else ""
    wanted = {"month": f"{first:%Y-%m}", "institution": institution, "contract": contract, "limit": 500}
    rows, late, address = await asyncio.gather(
        desk.get("sla", "/obligations", state=shown, **wanted),
        part(desk.get("sla", "/obligations", state="overdue", limit=50)),
        part(_address(request, desk)),
    )
    days = view.by_day(rows)
    before, after = beside(first)
    return page(
        request, "obligations/list.html", "服务事项", first=first, weeks=view.month(first, days), days=days,
        late=[view.shown(one) for one in given(late, [])], states=view.STATES, shown=shown, institution=institution,
        contract=contract, before=before, after=after, today=today(), address=given(address, ""),
    )  # fmt: skip


@get("/obligations/{id_:uuid}", roles=WITH_HOSPITALS, include_in_schema=False)
async def obligation(request: AnyRequest, desk: Asker, id_: UUID) -> Template:
    found = await desk.get("sla", f"/obligations/{id_}")
    role = desk.who.role
    return page(
        request, "obligations/one.html", f"{found['title']} {found['period_name']}", one=view.shown(found),
        colours=view.ITEMS, targets=view.TARGETS, works=role in STAFF, decides=role in LEADS | CENTRE,
    )  # fmt: skip


@get("/obligations/{id_:uuid}/evidence/{evidence_id:uuid}", roles=WITH_HOSPITALS, include_in_schema=False)
async def evidence(desk: Asker, id_: UUID, evidence_id: UUID) -> Stream:
    return await download(desk, "sla", f"/obligations/{id_}/evidence/{evidence_id}")


async def _address(request: AnyRequest, desk: Asker) -> str:
    mine = next(iter(desk.who.institutions), "")
    told: dict[str, Any] = await desk.get("sla", "/obligations/subscription", institution=mine)
    return subscribed(request, told["url"])


ROUTES: Final[list[ControllerRouterHandler]] = [obligations, obligation, evidence, *CHANGES, *ATTAINMENT, *EXEMPTIONS]
