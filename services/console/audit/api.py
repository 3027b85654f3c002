"""All HTTP of the audit: the list with its filters, and the same as CSV for who has to hand it in."""

import base64
import csv
from collections.abc import AsyncIterator
from datetime import date, datetime, time, timedelta
from io import StringIO
from typing import Annotated, Final
from uuid import UUID

from litestar import get
from litestar.datastructures import State
from litestar.di import Provide
from litestar.exceptions import HTTPException
from litestar.params import Parameter
from litestar.response import Stream, Template
from litestar.types import ControllerRouterHandler

from chassis.access import Roles
from chassis.asking import AnyRequest
from chassis.auditing import noted
from chassis.zone import BEIJING
from contracts.audit import Act
from services.console.audit.fold import TITLES, Note
from services.console.audit.start import notes_of
from services.console.audit.store import Place, Wanted
from services.console.pages.admin.view import SERVICES
from services.console.web.page import page

AUDITORS: Final[Roles] = frozenset({"auditor", "admin", "lead"})
_HEADINGS: Final = ("时间", "操作人", "姓名", "操作", "服务", "对象", "机构", "地址", "说明")
_RUNS_IN_EXCEL: Final = ("=", "+", "-", "@", "\t", "\r")
Words = Annotated[str, Parameter(max_length=200)]


def wanted(
    actor: Words = "", act: Words = "", object: Words = "",
    institution: Words = "", since: Words = "", until: Words = "",
) -> Wanted:  # fmt: skip
    """Of the query; days are China's, `until` is the last one."""
    known: Act | None = act if act in TITLES else None
    return Wanted(
        actor.strip(), known, object.strip(), institution.strip(), _day(since), _day(until, timedelta(days=1))
    )


_FILTERS: Final = {"filters": Provide(wanted, sync_to_thread=False)}


@get("/audit", roles=AUDITORS, include_in_schema=False, dependencies=_FILTERS)
async def audit(state: State, request: AnyRequest, filters: Wanted, after: Words = "") -> Template:
    """The newest first, a hundred on a page."""
    notes, place = await notes_of(state).page(filters, 100, _place(after) if after else None)
    query = {name: value for name, value in request.query_params.items() if name != "after"}
    more = {**query, "after": _cursor(place)} if place else None
    return page(request, "audit.html", "操作审计", notes=notes, more=more, query=query, acts=TITLES, services=SERVICES)


@get("/audit.csv", roles=AUDITORS, include_in_schema=False, dependencies=_FILTERS)
async def audit_as_csv(state: State, request: AnyRequest, filters: Wanted) -> Stream:
    await noted(state.service, request, "exported", "操作审计", detail=str(request.url.query))
    headers = {"Content-Disposition": 'attachment; filename="audit.csv"'}
    return Stream(_csv(notes_of(state).each(filters)), headers=headers, media_type="text/csv")


async def _csv(notes: AsyncIterator[Note]) -> AsyncIterator[str]:
    yield "\ufeff" + _line(_HEADINGS)  # Excel takes a file without the mark for GBK
    async for note in notes:
        at = note.at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S")
        yield _line((
            at, note.actor, note.actor_name, TITLES[note.act], note.service, note.object, note.institution,
            note.address, note.detail,
        ))  # fmt: skip


def _line(cells: tuple[str, ...]) -> str:
    file = StringIO()
    csv.writer(file).writerow([f"'{cell}" if cell.startswith(_RUNS_IN_EXCEL) else cell for cell in cells])
    return file.getvalue()


def _day(text: str, more: timedelta = timedelta()) -> datetime | None:
    try:
        return datetime.combine(date.fromisoformat(text), time(), BEIJING) + more if text else None
    except (ValueError, OverflowError):
        raise HTTPException(status_code=400, detail="日期不正确: 应为 2026-11-22 这样的写法") from None


def _cursor(place: Place) -> str:
    return base64.urlsafe_b64encode(f"{place.at.isoformat()} {place.id}".encode()).decode()


def _place(cursor: str) -> Place:
    try:
        at, _, id_ = base64.urlsafe_b64decode(cursor).decode().partition(" ")
        return Place(datetime.fromisoformat(at), UUID(id_))
    except ValueError:
        raise HTTPException(status_code=400, detail="这一页已经不在: 请从第一页重新打开") from None


ROUTES: Final[list[ControllerRouterHandler]] = [audit, audit_as_csv]
