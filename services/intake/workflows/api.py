"""HTTP of workflows: what they are, what a case can do now, the steps themselves, and the evidence packet."""

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

import msgspec
from litestar import Controller, MediaType, Response, get, post
from litestar.datastructures import State
from litestar.params import Parameter

from chassis.access import DESK, EVERYBODY, READERS, principal_of
from chassis.asking import AnyRequest
from chassis.auditing import noted
from chassis.describing import answering
from chassis.http import now
from contracts.case import Kind
from contracts.casework import ChaseCase, SetCaseKind, StepCase
from services.intake.api.sight import sight
from services.intake.api.support import Json, cases_of, command, find, shown
from services.intake.record import evidence
from services.intake.record.evidence_zip import zipped
from services.intake.workflows.diagram import mermaid
from services.intake.workflows.engine import WORKFLOWS, follow, step_of
from services.intake.workflows.moves import moves
from services.intake.workflows.sweep import to_chase


class TakeStep(msgspec.Struct):
    """`transition` and what it requires come from `GET /cases/{reference}/moves`."""

    transition: str
    fields: dict[str, str] = {}
    reason: str = ""


class ChangeKind(msgspec.Struct):
    kind: Kind
    reason: str = ""


class Chase(msgspec.Struct):
    """Without `next_at` the workflow says when it is time again."""

    note: str
    next_at: datetime | None = None


class WorkflowController(Controller):
    """Workflows (流程), one per kind of case."""

    path = "/workflows"
    tags = ("workflows",)

    @get(roles=EVERYBODY, sync_to_thread=False, summary="全部流程")
    def all(self) -> list[Json]:
        """Every workflow: steps, transitions and what each asks for."""
        return [msgspec.to_builtins(flow) for flow in WORKFLOWS.values()]

    @get("/{kind:str}/diagram", roles=EVERYBODY, media_type=MediaType.TEXT, sync_to_thread=False, summary="流程图")
    def diagram(self, kind: Kind, step: str = "") -> str:
        """The workflow as a Mermaid state diagram; `step` is marked."""
        return mermaid(WORKFLOWS[kind], step)


@get("/chases", roles=READERS, tags=["workflows"], summary="该催办的工单")
async def chases(
    state: State,
    request: AnyRequest,
    within_h: Annotated[float, Parameter(ge=0, le=24 * 90)] = 24,
    limit: Annotated[int, Parameter(ge=1, le=500)] = 100,
) -> list[Json]:
    """Whom to chase today: cases that somebody outside owes something to, the longest overdue first."""
    found = await to_chase(cases_of(state), sight(principal_of(request)), now() + timedelta(hours=within_h), limit)
    return [shown(document) for document in found]


class StepController(Controller):
    """A case along its workflow. `reference` is a case's id or its number."""

    path = "/cases"
    tags = ("workflows",)

    @get("/{reference:str}/moves", roles=READERS, summary="工单现在能走的步骤")
    async def moves(self, state: State, request: AnyRequest, reference: str) -> Json:
        """Where the case stands, and what can be done now: the fields each move needs, and what blocks it."""
        stored = (await find(state, request, reference)).state
        assert stored is not None
        case = follow(stored, now())
        return {
            "kind": case.kind,
            "kind_name": WORKFLOWS[case.kind].name,
            "step": case.step,
            "step_name": step_of(case).name,
            "status": case.status,
            "owes": case.owes,
            "fields": case.fields,
            "chases": case.chases,
            "next_chase_at": case.next_chase_at,
            "chase_due_at": case.chase_due_at,
            "moves": [msgspec.to_builtins(move) for move in moves(case)],
        }

    @post("/{reference:str}/step", status_code=200, roles=DESK, summary="推进流程")
    async def step(self, state: State, request: AnyRequest, reference: str, data: TakeStep) -> Response[Json]:
        """Take a step of the workflow."""
        return await command(state, request, reference, StepCase, data)

    @post("/{reference:str}/kind", status_code=200, roles=DESK, summary="改工单类型")
    async def kind(self, state: State, request: AnyRequest, reference: str, data: ChangeKind) -> Response[Json]:
        """It is another kind of work: the case goes on in that workflow."""
        return await command(state, request, reference, SetCaseKind, data)

    @post("/{reference:str}/chase", status_code=200, roles=DESK, summary="登记催办")
    async def chase(self, state: State, request: AnyRequest, reference: str, data: Chase) -> Response[Json]:
        """Note down that whoever owes the next step was reminded."""
        return await command(state, request, reference, ChaseCase, data)

    @get(
        "/{reference:str}/evidence", roles=READERS, summary="下载证据包",
        operation_class=answering("application/json", "application/zip"),
    )  # fmt: skip
    async def evidence(
        self, state: State, request: AnyRequest, reference: str,
        format_: Annotated[Literal["json", "zip"], Parameter(query="format")] = "json",
    ) -> Response[Any]:  # fmt: skip
        """The evidence packet for the provincial platform, masked; with `format=zip` as a file to hand over."""
        found = await find(state, request, reference)
        assert found.state is not None
        history = [msgspec.json.decode(text) for text in await cases_of(state).history(found.id) or []]
        packet = evidence.packet(found.state, history)
        if format_ == "json":
            return Response(packet)
        about = found.state.institution_code or ""
        await noted(state.service, request, "exported", found.state.number, institution=about, detail="证据包")
        name = f"evidence-{found.state.number}.zip"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(zipped(packet), media_type="application/zip", headers=headers)
