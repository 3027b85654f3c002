"""HTTP of obligations: what is due, how far it is, and what staff say about it."""

from typing import Annotated, Final
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from litestar.params import Parameter

from chassis.access import CENTRE, LEADS, READERS, STAFF, WITH_HOSPITALS, principal_of
from chassis.http import now
from chassis.rows import sees
from chassis.zone import month_in
from contracts.obligation import (
    AcknowledgeObligation,
    FulfilObligation,
    ItemProgress,
    ReopenObligation,
    ReportObligationProgress,
    WaiveObligation,
)
from services.sla.obligations.asking import AnyRequest, Json, find, occurrences, wish
from services.sla.obligations.shown import narrowed, summary, whole
from services.sla.private import impersonal

SHOWN: Final = ("open", "overdue", "completed", "dropped")
Month = Annotated[str | None, Parameter(description="截止所在的月份, 例如 2026-11")]


class Progressed(msgspec.Struct):
    """4105: `done` is uploadedCnt, `of` is needUploadCnt."""

    items: list[ItemProgress]


class Fulfilled(msgspec.Struct):
    """Without `items` all that are open."""

    items: list[str] = []
    note: str = ""


class Reasoned(msgspec.Struct):
    """Without `items` all that are open, where that makes sense."""

    reason: str
    items: list[str] = []


class ObligationController(Controller):
    """Obligations (服务义务): monthly and contractual duties. A hospital sees its own part of each."""

    path = "/obligations"
    tags = ("obligations",)

    @get(roles=WITH_HOSPITALS, summary="服务义务列表")
    async def list_obligations(
        self, state: State, request: AnyRequest, month: Month = None, institution: str | None = None,
        contract: str | None = None,
        shown: Annotated[str | None, Parameter(query="state", description=", ".join(SHOWN))] = None,
        limit: Annotated[int, Parameter(ge=1, le=500)] = 100,
    ) -> list[Json]:  # fmt: skip
        """What is open or not yet due, the soonest deadline first; of a month or state all there is."""
        try:
            due = month_in(month) if month else None
        except ValueError:
            raise HTTPException(status_code=400, detail="month 应为月份, 例如 2026-11") from None
        if shown not in (None, *SHOWN):
            raise HTTPException(status_code=400, detail=f"state 应为 {', '.join(SHOWN)} 之一")
        who = principal_of(request)
        if institution and not sees(who, institution):
            return []
        found = await occurrences(state).list(now(), due, shown, institution, contract, limit, who)
        return [summary(part, institution) for document in found if (part := narrowed(document, who)) is not None]

    @get("/definitions", sync_to_thread=False, roles=READERS, summary="义务的约定")
    def definitions(self, state: State) -> list[Json]:
        """What the desk owes, as the file says it."""
        return [{**msgspec.to_builtins(d), "version": d.version} for d in state.service.state["planner"].definitions]

    @get("/{id_:uuid}", roles=WITH_HOSPITALS, summary="一项服务义务")
    async def one(self, state: State, request: AnyRequest, id_: UUID) -> Json:
        """With its items and their evidence."""
        return whole(await find(state, id_, principal_of(request)))

    @post("/{id_:uuid}/progress", status_code=200, roles=STAFF, summary="登记进度")
    async def progress(self, state: State, request: AnyRequest, id_: UUID, data: Progressed) -> Response[Json]:
        """How far institutions are (进度, 上传率)."""
        return await wish(state, request, id_, ReportObligationProgress, items=tuple(data.items))

    @post("/{id_:uuid}/fulfil", status_code=200, roles=STAFF, summary="登记完成")
    async def fulfil(self, state: State, request: AnyRequest, id_: UUID, data: Fulfilled) -> Response[Json]:
        """These are done (完成)."""
        note = impersonal(data.note)
        return await wish(state, request, id_, FulfilObligation, items=tuple(data.items), note=note)

    @post("/{id_:uuid}/waive", status_code=200, roles=LEADS | CENTRE, summary="免除")
    async def waive(self, state: State, request: AnyRequest, id_: UUID, data: Reasoned) -> Response[Json]:
        """These need not be done, and why (免除)."""
        reason = impersonal(data.reason)
        return await wish(state, request, id_, WaiveObligation, items=tuple(data.items), reason=reason)

    @post("/{id_:uuid}/reopen", status_code=200, roles=LEADS | CENTRE, summary="重新打开")
    async def reopen(self, state: State, request: AnyRequest, id_: UUID, data: Reasoned) -> Response[Json]:
        """These are not done after all, and why (重新打开)."""
        reason = impersonal(data.reason)
        return await wish(state, request, id_, ReopenObligation, items=tuple(data.items), reason=reason)

    @post("/{id_:uuid}/acknowledge", status_code=200, roles=STAFF, summary="知悉")
    async def acknowledge(self, state: State, request: AnyRequest, id_: UUID) -> Response[Json]:
        """Take note: no more reminders and escalations; notices of the day and the deadline are still told (知悉)."""
        return await wish(state, request, id_, AcknowledgeObligation)
