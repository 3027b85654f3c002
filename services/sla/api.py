"""HTTP of the clocks: read them, see how every second was counted, take note of one. Hospitals see their own cases'."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from uuid import UUID, uuid4

import msgspec
from litestar import Controller, Response, get, post
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from litestar.params import Parameter

from chassis.access import DESK, READERS, WITH_HOSPITALS, actor_of, principal_of
from chassis.asking import AnyRequest
from chassis.http import carry_out, now
from chassis.rows import sees_case
from chassis.store import Document
from contracts.sla import AcknowledgeClock, Clock
from services.sla.explain import accounts
from services.sla.model import CaseClocks
from services.sla.outward import outward_account, outward_row
from services.sla.store import Clocks

Json = dict[str, Any]
Shown = Literal["running", "paused", "met", "stopped", "warned", "breached"]


class Cases(msgspec.Struct):
    case_ids: Annotated[list[UUID], msgspec.Meta(min_length=1, max_length=200)]


class ClockController(Controller):
    """Clocks (时限)."""

    path = "/clocks"
    tags = ("clocks",)

    @get(roles=WITH_HOSPITALS, summary="时限列表")
    async def list_clocks(
        self, state: State, request: AnyRequest, case_id: UUID | None = None,
        shown: Annotated[Shown | None, Parameter(query="state")] = None,
        limit: Annotated[int, Parameter(ge=1, le=500)] = 100,
    ) -> list[Json]:  # fmt: skip
        """The clocks of one case, or of all cases with a clock in this state."""
        query: Json = {"_id": case_id} if case_id else {}
        if shown in ("warned", "breached"):
            query["state.clocks"] = {"$elemMatch": {shown: True}}
        elif shown:
            query["state.clocks"] = {"$elemMatch": {"state": shown}}
        who = principal_of(request)
        found = await _clocks(state).list(query, limit, who)
        rows = [row for document in found for row in _rows(document)]
        wanted = [r for r in rows if shown is None or r.get(shown) is True or r["state"] == shown]
        return [outward_row(r) for r in wanted] if who.role == "hospital" else wanted

    @post("/of", status_code=200, roles=WITH_HOSPITALS, summary="多件工单的剩余时限")
    async def of_cases(self, state: State, request: AnyRequest, data: Cases) -> Sequence[Json]:
        """Of up to 200 cases the clocks that run or are paused, the earliest deadline first; cases without one are left
        out. `due_at` of one that is paused is what it would be if it ran on now."""
        return await _clocks(state).going_on(data.case_ids, principal_of(request))

    @get("/soonest", roles=READERS, summary="最紧急的时限")
    async def soonest(
        self, state: State, request: AnyRequest, assignee: str | None = None, unassigned: bool = False,
        limit: Annotated[int, Parameter(ge=1, le=200)] = 50,
    ) -> Sequence[Json]:  # fmt: skip
        """The clocks that run of so many cases, the earliest deadline first; what is late is the most urgent."""
        whose = {"state.assignee": assignee} if assignee or unassigned else {}
        return await _clocks(state).soonest(limit, principal_of(request), whose)

    @get("/late", roles=READERS, summary="超时的工单数")
    async def late(self, state: State, request: AnyRequest) -> dict[str, int]:
        """Cases with a clock that runs past its deadline."""
        return {"cases": await _clocks(state).late(now(), principal_of(request))}

    @get("/counts", roles=READERS, summary="时限计数")
    async def counts(self, state: State, request: AnyRequest) -> dict[str, int]:
        """Clocks by state, and how many were warned or breached."""
        return await _clocks(state).counts(principal_of(request))

    @get("/{case_id:uuid}/account", roles=WITH_HOSPITALS, summary="逐段说明一件工单的时限")
    async def account(self, state: State, request: AnyRequest, case_id: UUID) -> Json:
        """How every second of a case's clocks was counted (时限说明)."""
        who = principal_of(request)
        case = await _clocks(state).of_case(case_id)
        if case is None or not sees_case(who, case.asked_from, case.institution):
            raise HTTPException(status_code=404, detail=f"没有工单 {case_id} 的时限: 请核对编号")
        try:
            history = await _clocks(state).history(case_id) or []
            found = list(accounts(case, state.service.state["keeper"].book, datetime.now(UTC), history))
        except LookupError:
            raise HTTPException(status_code=503, detail="时限政策正在更新: 请稍后再试") from None
        about = {"case_id": str(case.case_id), "number": case.number, "book": case.book}
        told = [msgspec.to_builtins(account) for account in found]
        return {**about, "clocks": [outward_account(a) for a in told] if who.role == "hospital" else told}

    @post("/{case_id:uuid}/{clock:str}/acknowledge", roles=DESK, summary="知悉一个时限")
    async def acknowledge(
        self, state: State, request: AnyRequest, case_id: UUID, clock: Clock, cycle: int | None = None
    ) -> Response[Json]:
        """Take note of a clock: nobody else is told about it (知悉)."""
        wish = AcknowledgeClock(
            id=uuid4(), occurred_at=now(), actor=actor_of(request), case_id=case_id, clock=clock, cycle=cycle
        )
        return await carry_out(state.service, wish, f"/clocks?case_id={case_id}")


def _rows(document: Document[CaseClocks]) -> list[Json]:
    case = document.state
    assert case is not None
    about = {"case_id": str(case.case_id), "number": case.number, "assignee": case.assignee}
    return [{**about, **msgspec.to_builtins(clock)} for clock in case.clocks]


def _clocks(state: State) -> Clocks:
    clocks: Clocks = state.service.state["clocks"]
    return clocks
