"""All HTTP of sla: read clocks."""

from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar import Controller, get
from litestar.datastructures import State
from litestar.params import Parameter

from chassis.store import Document
from services.sla.fold import CaseClocks
from services.sla.store import Clocks

Json = dict[str, Any]
Shown = Literal["running", "paused", "met", "stopped", "warned", "breached"]


class ClockController(Controller):
    """Clocks (时限)."""

    path = "/clocks"
    tags = ("clocks",)

    @get()
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
        found = await Clocks(state.service.db).list(query, limit)
        rows = [row for document in found for row in _rows(document)]
        return [r for r in rows if shown is None or r.get(shown) is True or r["state"] == shown]

    @get("/counts")
    async def counts(self, state: State) -> dict[str, int]:
        """Clocks by state, and how many were warned or breached."""
        return await Clocks(state.service.db).counts()


def _rows(document: Document[CaseClocks]) -> list[Json]:
    case = document.state
    assert case is not None
    about = {"case_id": str(case.case_id), "number": case.number, "policy": case.policy, "assignee": case.assignee}
    return [{**about, **msgspec.to_builtins(clock)} for clock in case.clocks]
