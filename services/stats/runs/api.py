"""HTTP of runs (统计任务): ask for one, follow it, cancel, comment."""

from typing import Annotated, Any
from uuid import UUID, uuid4

import msgspec
from litestar import Controller, Response, get, post
from litestar.datastructures import State
from litestar.params import Parameter
from litestar.response import ServerSentEvent

from chassis.access import ASKERS, WITH_HOSPITALS, actor_of, principal_of, while_good
from chassis.asking import AnyRequest, stamp
from chassis.errors import NotFound, Refused
from chassis.http import carry_out, now
from chassis.store import Document
from contracts.envelope import derive_id
from contracts.stats import CURRENT, CancelRun, CommentRun, RequestRun, Wanted
from services.stats.runs import model
from services.stats.runs.asking import Wish, wanted
from services.stats.runs.model import Run, Status
from services.stats.runs.progress import follow
from services.stats.runs.rights import check_deciding, check_ending
from services.stats.runs.store import Runs
from services.stats.viewing import viewer_of

Json = dict[str, Any]


class Why(msgspec.Struct):
    reason: str = ""


class Word(msgspec.Struct):
    """`decision`: `accept` hands the result over in spite of its checks, `rework` says that it is counted anew."""

    text: str
    decision: str = ""


class RunController(Controller):
    """Runs of reports (统计任务), each viewer's own."""

    path = "/runs"
    tags = ("runs",)

    @post(status_code=200, roles=ASKERS, summary="提交统计任务")
    async def request_run(self, state: State, request: AnyRequest, data: Wish) -> Response[Json]:
        """Count a report: on an upload, or on the data sets. With `Idempotency-Key` the same wish is one run."""
        actor = actor_of(request)
        wish = await wanted(state, viewer_of(request), data)
        key = request.headers.get("Idempotency-Key")
        id_ = derive_id("idempotency", "stats", actor.id, key) if key else uuid4()
        run_id = derive_id("run", id_)
        if (known := await runs_of(state).find(run_id)) is not None:
            return _same(known, data, wish)
        command = RequestRun(
            id=id_, occurred_at=now(), actor=actor, run_id=run_id, report=data.report,
            upload_id=data.upload_id or CURRENT, definition_hash=data.definition_hash, wanted=wish,
            reworks=data.reworks, kind="reconcile" if data.report == "reconciliation" else "report",
        )  # fmt: skip
        return await carry_out(state.service, command, f"/runs/{run_id}")

    @get(roles=WITH_HOSPITALS, summary="统计任务列表")
    async def list_runs(
        self, state: State, request: AnyRequest, status: Status | None = None, report: str | None = None,
        kind: str | None = None, limit: Annotated[int, Parameter(ge=1, le=500)] = 50,
    ) -> list[Json]:  # fmt: skip
        """The most recently requested first."""
        query = {"state.status": status, "state.report": report, "state.kind": kind}
        asked = {k: v for k, v in query.items() if v is not None}
        return [_summary(d) for d in await runs_of(state).list(asked, limit, viewer_of(request).scope)]

    @get("/{run_id:uuid}", roles=WITH_HOSPITALS, summary="一个统计任务及其经过")
    async def read_run(self, state: State, request: AnyRequest, run_id: UUID) -> Json:
        """The run with its whole timeline, oldest first: also who took which file away."""
        found = await found_run(state, request, run_id)
        history = await runs_of(state).history(run_id) or []
        return {**_summary(found), "timeline": [msgspec.json.decode(text) for text in history]}

    @get("/{run_id:uuid}/events", roles=WITH_HOSPITALS, summary="任务进度")
    async def events(self, state: State, request: AnyRequest, run_id: UUID) -> ServerSentEvent:
        """Server-sent events until the run has ended."""
        await found_run(state, request, run_id)
        return ServerSentEvent(while_good(principal_of(request), follow(state.service.nc, runs_of(state), run_id)))

    @post("/{run_id:uuid}/cancel", status_code=200, roles=ASKERS, summary="取消任务")
    async def cancel(self, state: State, request: AnyRequest, run_id: UUID, data: Why) -> Response[Json]:
        found, actor = await found_run(state, request, run_id), actor_of(request)
        assert found.state is not None
        check_ending(viewer_of(request), found.state, actor.id)
        wish = CancelRun(**stamp(request, "cancel", run_id), run_id=run_id, reason=data.reason)
        return await carry_out(state.service, wish, f"/runs/{run_id}")

    @post("/{run_id:uuid}/comments", status_code=200, roles=ASKERS, summary="批注、返工或放行")
    async def comment(self, state: State, request: AnyRequest, run_id: UUID, data: Word) -> Response[Json]:
        """Why a result is reworked, or why it is handed over although a check failed."""
        await found_run(state, request, run_id)
        check_deciding(viewer_of(request), data.decision)
        facts = {**stamp(request, "comment", run_id, data.text, data.decision), "run_id": run_id}
        wish = CommentRun.model_validate({**facts, "text": data.text, "decision": data.decision})
        return await carry_out(state.service, wish, f"/runs/{run_id}")


def runs_of(state: State) -> Runs:
    runs: Runs = state.service.state["runs"]
    return runs


async def found_run(state: State, request: AnyRequest, run_id: UUID) -> Document[Run]:
    """Raises NotFound where there is none that the asker may see."""
    if (found := await runs_of(state).find(run_id, viewer_of(request).scope)) is None:
        raise NotFound("not_found", f"没有统计任务 {run_id}: 请核对编号, 或用 GET /runs 查看最近的任务")
    return found


def _summary(document: Document[Run]) -> Json:
    assert document.state is not None
    run = document.state
    state: Json = msgspec.to_builtins(run)
    told = {"done": run.progress, "verdict": run.verdict, "handed_over": run.may_be_handed_over}
    return {"id": str(document.id), "version": document.version, **state, **told}


def _same(known: Document[Run], data: Wish, wish: Wanted) -> Response[Json]:
    # The broker drops the repeated command within its dedupe window, so nobody would answer it.
    assert known.state is not None
    run = known.state
    there = (run.report, run.upload_id, run.reworks, data.definition_hash or run.definition_hash, run.wanted)
    asked = (data.report, data.upload_id or CURRENT, data.reworks, run.definition_hash)
    if there != (*asked, msgspec.convert(wish.model_dump(), model.Wanted)):
        raise Refused("key_reused", "这个 Idempotency-Key 已用于另一个任务: 请换一个再提交")
    return Response({"status": "done", "id": str(known.id), "version": known.version}, status_code=200)
