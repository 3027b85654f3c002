"""The roster: who is there in a week, and in a month with its public holidays."""

import asyncio
from datetime import date, timedelta
from typing import Any, Final

from litestar import get
from litestar.response import Template
from litestar.types import ControllerRouterHandler

from chassis.access import DESK, READERS, SETTERS
from chassis.calendars.holidays import UnknownYears, statutory
from services.console.asking import Answered, Asker
from services.console.pages.duty import view
from services.console.pages.duty.api_changes import ROUTES as CHANGES
from services.console.pages.duty.api_handover import ROUTES as HANDOVER
from services.console.pages.feeds import ROUTES as FEEDS
from services.console.pages.feeds import subscribed
from services.console.pages.months import beside, day_in, monday_of, month_in, today
from services.console.pages.names import names
from services.console.pages.partly import given, part
from services.console.web.page import AnyRequest, page


@get("/duty", roles=READERS, include_in_schema=False)
async def roster(request: AnyRequest, desk: Asker, week: str = "") -> Template:
    now = today()
    monday = monday_of(day_in(week, now))
    shifts, present, people, address = await asyncio.gather(
        desk.get("intake", "/duty/shifts", **view.span(monday, 7)),
        part(desk.get("intake", "/duty/now")),
        names(desk, "staff"),
        part(_address(request, desk)),
    )
    days = [monday + timedelta(days=n) for n in range(7)]
    return page(
        request, "duty/week.html", "值班", days=days, rows=view.week(monday, shifts, people), present=present,
        names=people, today=now, kinds=view.KINDS, address=given(address, ""), may=desk.who.role in SETTERS,
        before=monday - timedelta(days=7), after=monday + timedelta(days=7), weekdays=view.WEEKDAYS,
    )  # fmt: skip


@get("/duty/calendar", roles=READERS, include_in_schema=False)
async def calendar(request: AnyRequest, desk: Asker, month: str = "") -> Template:
    now = today()
    first = month_in(month, now)
    monday = monday_of(first)
    try:
        holidays = statutory(date(monday.year, 1, 1), date(first.year, 12, 31))
    except UnknownYears as error:
        raise Answered(404, str(error)) from None
    shifts, people = await asyncio.gather(
        desk.get("intake", "/duty/shifts", **view.span(monday, 42)), names(desk, "staff")
    )
    before, after = beside(first)
    return page(
        request, "duty/month.html", f"值班日历 {first.year}年{first.month}月", first=first, today=now,
        weeks=view.month(first, shifts, people, holidays), weekdays=view.WEEKDAYS, before=before, after=after,
        known_until=holidays.known_until,
    )  # fmt: skip


async def _address(request: AnyRequest, desk: Asker) -> str:
    if desk.who.role not in DESK:
        return ""
    told: dict[str, Any] = await desk.get("notify", f"/duty/{desk.who.account}/subscription")
    return subscribed(request, told["url"])


ROUTES: Final[list[ControllerRouterHandler]] = [roster, calendar, *CHANGES, *HANDOVER, *FEEDS]
