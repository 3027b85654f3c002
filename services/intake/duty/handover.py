"""HTTP of the handover (交接班): a draft to annotate, the handover itself, the ones before."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.datastructures import State
from litestar.exceptions import PermissionDeniedException
from litestar.params import Parameter

from chassis.access import DESK, principal_of
from chassis.asking import stamp
from chassis.errors import NotFound, Refused
from chassis.http import carry_out
from contracts.duty import HandOver
from contracts.envelope import derive_id
from services.intake.directory.requests import Any_, Json
from services.intake.duty.api import log_of

MOST = 500


class Wanted(msgspec.Struct, rename={"from_engineer": "from", "to_engineer": "to"}):
    """Who hands over to whom; `notes` by case number or id, for those cases that need a word."""

    from_engineer: str
    to_engineer: str
    note: str
    notes: dict[str, str] = {}


class HandoverController(Controller):
    path = "/duty"
    tags = ("duty",)

    @get("/handover/draft", roles=DESK, summary="交接单草稿")
    async def draft(self, state: State, engineer: str) -> Json:
        """Every open case of an engineer with its last state, to be annotated."""
        cases = await log_of(state).open_cases(engineer)
        return {"engineer": engineer, "cases": [_case(raw) for raw in cases[:MOST]], "more": len(cases) > MOST}

    @post("/handover", roles=DESK, status_code=200, summary="交接工单")
    async def hand_over(self, state: State, request: Any_, data: Wanted) -> Response[Json]:
        """All open cases of one engineer to another, each with its note; recorded as one handover."""
        who = principal_of(request)
        if who.role == "engineer" and who.account != data.from_engineer:
            raise PermissionDeniedException("只能交出自己的工单: 替别人交班请找组长")
        cases = await log_of(state).open_cases(data.from_engineer)
        if len(cases) > MOST:
            raise Refused("too_many", f"未结工单超过 {MOST} 件: 请先关闭或改派一部分再交接")
        items = _items(cases, data.notes)
        stamped = stamp(request, "hand_over", derive_id("engineer", data.from_engineer))
        facts = {"from_engineer": data.from_engineer, "to_engineer": data.to_engineer, "note": data.note}
        command = HandOver.model_validate({**stamped, **facts, "items": items})
        return await carry_out(state.service, command, "/duty/handovers")

    @get("/handovers", roles=DESK | {"auditor"}, summary="交接记录")
    async def handovers(
        self, state: State, engineer: str = "", limit: Annotated[int, Parameter(ge=1, le=500)] = 50
    ) -> list[Json]:
        """The latest first; those that an engineer gave or took."""
        found = await log_of(state).handovers(engineer, limit)
        return [{"id": str(d.id), **msgspec.to_builtins(d.state.handover)} for d in found if d.state]


def _items(cases: list[dict[str, Any]], notes: dict[str, str]) -> list[Json]:
    """Raises NotFound for a note on a case that is not the engineer's: it would be lost."""
    left = dict(notes)
    items: list[Json] = []
    for raw in cases:
        number, id_ = raw["state"]["number"], UUID(str(raw["_id"]))
        note = left.pop(number, "") or left.pop(str(id_), "")
        items.append({"case_id": id_, "number": number, "title": raw["state"]["title"], "note": note})
    if left:
        raise NotFound("not_found", f"{', '.join(left)} 不是交班人的未结工单: 请刷新交接清单")
    return items


def _case(raw: dict[str, Any]) -> Json:
    state = raw["state"]
    last = state["lines"][-1] if state.get("lines") else {}
    kept = ("number", "title", "status", "priority", "category", "institution_code", "waiting_for",
            "external_number", "next_chase_at", "opened_at", "touched_at")  # fmt: skip
    return {
        "case_id": str(raw["_id"]),
        **{name: state.get(name) for name in kept},
        "step": state.get("step", "open"),
        "owes": state.get("owes", "desk"),
        "last_said": last.get("text", "")[:500],
    }
