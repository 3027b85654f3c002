"""HTTP of the clocks: read them, see how every second was counted, take note of one."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from uuid import UUID, uuid4

import msgspec
from litestar import Controller, Request, Response, get, post
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from litestar.params import Parameter

from chassis.http import actor_of, carry_out, now
from chassis.store import Document
from contracts.sla import AcknowledgeClock, Clock
from services.sla.explain import accounts
from services.sla.model import CaseClocks
from services.sla.store import Clocks

Json = dict[str, Any]
Shown = Literal["running", "paused", "met", "stopped", "warned", "breached"]


class ClockController(Controller):
    """Clocks (时限)."""

    path = "/clocks"
    tags = ("clocks",)

    @get(summary="时限列表")
    async def list_clocks(
        self, state: State, case_id: UUID | None = None,
        shown: Annotated[Shown | None, Parameter(query="state")] = None,
        limit: Annotated[int, Parameter(ge=1, le=500)] = 100,
    ) -> list[Json]:  # fmt: skip
        """The clocks of one case, or of all cases with a clock in this state."""
        query: Json = {"_id": case_id} if case_id else {}
        if shown in ("warned", "breached"):
            query["state.clocks"] = {"$elemMatch": {shown: True}}
        elif shown:
            query["state.clocks"] = {"$elemMatch": {"state": shown}}
        found = await _clocks(state).list(query, limit)
        rows = [row for document in found for row in _rows(document)]
        return [r for r in rows if shown is None or r.get(shown) is True or r["state"] == shown]

    @get("/counts", summary="时限计数")
    async def counts(self, state: State) -> dict[str, int]:
        """Clocks by state, and how many were warned or breached."""
        return await _clocks(state).counts()

    @get("/{case_id:uuid}/account", summary="逐段说明一件工单的时限")
    async def account(self, state: State, case_id: UUID) -> Json:
        """How every second of a case's clocks was counted (时限说明)."""
        if (case := await _clocks(state).of_case(case_id)) is None:
            raise HTTPException(status_code=404, detail=f"没有工单 {case_id} 的时限: 请核对编号")
        try:
            history = await _clocks(state).history(case_id) or []
            found = list(accounts(case, state.service.state["keeper"].book, datetime.now(UTC), history))
        except LookupError:
            raise HTTPException(status_code=503, detail="时限政策正在更新: 请稍后再试") from None
        about = {"case_id": str(case.case_id), "number": case.number, "book": case.book}
        return {**about, "clocks": [msgspec.to_builtins(account) for account in found]}

    @post("/{case_id:uuid}/{clock:str}/acknowledge", summary="知悉一个时限")
    async def acknowledge(
        self, state: State, request: Request[Any, Any, Any], case_id: UUID, clock: Clock, cycle: int | None = None
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
