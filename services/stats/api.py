"""All HTTP of stats: upload a CSV, request a report on it, follow the run, take the sheet away."""

from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID, uuid4

import msgspec
from litestar import Controller, Request, Response, get, post
from litestar.datastructures import State, UploadFile
from litestar.enums import RequestEncodingType
from litestar.params import Body, Parameter
from litestar.response import File, ServerSentEvent

from chassis.errors import NotFound, Refused
from chassis.http import actor_of, carry_out, now
from chassis.store import Document
from contracts.envelope import derive_id
from contracts.stats import RequestRun
from services.stats.definition import catalogue
from services.stats.job import REJECTS, SHEET, run_dir
from services.stats.model import Run, Status
from services.stats.progress import follow
from services.stats.store import Runs
from services.stats.uploads import NotCsv, keep, must_exist

Json = dict[str, Any]
Any_ = Request[Any, Any, Any]
DEFINITIONS = catalogue()
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass
class Upload:
    """The form's one field."""

    file: UploadFile | None = None


class Wish(msgspec.Struct):
    """Which report on which upload."""

    report: str
    upload_id: str


@post("/uploads", tags=["uploads"], status_code=201, summary="上传文件")
async def upload(
    state: State, request: Any_, data: Annotated[Upload, Body(media_type=RequestEncodingType.MULTI_PART)]
) -> Json:
    """Store a CSV (form field `file`) under its SHA-256; the same file again is the same upload."""
    actor_of(request)
    if not isinstance(data.file, UploadFile):
        raise NotCsv("no_file", "没有收到文件: 请用表单字段 file 上传 CSV 文件")
    upload_id, size = await keep(state.service.settings.data_dir, data.file)
    return {"upload_id": upload_id, "bytes": size}


@get("/reports", tags=["reports"], sync_to_thread=False, summary="能出的报表")
def reports() -> list[Json]:
    """What can be counted, from which columns, by which definition (口径)."""
    return [
        {
            "report": d.id,
            "title": d.title,
            "unit": d.unit,
            "scope": d.scope,
            "definition_hash": d.hash,
            "columns": [{"code": c.code, "name": c.name, "type": c.type, "required": c.required} for c in d.columns],
        }
        for d in DEFINITIONS.values()
    ]


class RunController(Controller):
    """Runs of reports (统计任务)."""

    path = "/runs"
    tags = ("runs",)

    @post(status_code=200, summary="提交统计任务")
    async def request_run(self, state: State, request: Any_, data: Wish) -> Response[Json]:
        """Count this upload by this report. With `Idempotency-Key` the same wish is one run."""
        actor = actor_of(request)
        if data.report not in DEFINITIONS:
            raise NotFound("not_found", f"没有报表 {data.report}: 请从 GET /reports 的目录中选择")
        must_exist(state.service.settings.data_dir, data.upload_id)
        key = request.headers.get("Idempotency-Key")
        id_ = derive_id("idempotency", "stats", actor.id, key) if key else uuid4()
        run_id = derive_id("run", id_)
        if (known := await _runs(state).find(run_id)) is not None:
            return _same(known, data)
        wish = RequestRun(
            id=id_, occurred_at=now(), actor=actor, run_id=run_id, report=data.report, upload_id=data.upload_id
        )
        return await carry_out(state.service, wish, f"/runs/{run_id}")

    @get(summary="统计任务")
    async def list_runs(
        self, state: State, status: Status | None = None, report: str | None = None,
        limit: Annotated[int, Parameter(ge=1, le=500)] = 50,
    ) -> list[Json]:  # fmt: skip
        """The most recently requested first."""
        query = {"state.status": status, "state.report": report}
        found = await _runs(state).list({k: v for k, v in query.items() if v is not None}, limit)
        return [_summary(d) for d in found]

    @get("/{run_id:uuid}", summary="一个统计任务及其经过")
    async def read_run(self, state: State, run_id: UUID) -> Json:
        """The run with its whole timeline, oldest first."""
        found = await _find(state, run_id)
        history = await _runs(state).history(run_id) or []
        return {**_summary(found), "timeline": [msgspec.json.decode(text) for text in history]}

    @get("/{run_id:uuid}/events", summary="任务进度")
    async def events(self, state: State, run_id: UUID) -> ServerSentEvent:
        """Server-sent events until the run has ended."""
        await _find(state, run_id)
        return ServerSentEvent(follow(state.service.nc, _runs(state), run_id))

    @get("/{run_id:uuid}/output.xlsx", summary="下载结果表")
    async def output(self, state: State, run_id: UUID) -> File:
        """The sheet of a finished run."""
        return await _file(state, run_id, SHEET, _XLSX)

    @get("/{run_id:uuid}/rejects.csv", summary="下载退回的行")
    async def rejects(self, state: State, run_id: UUID) -> File:
        """The rows that were not counted, each with the reason."""
        return await _file(state, run_id, REJECTS, "text/csv; charset=utf-8")


def _runs(state: State) -> Runs:
    return Runs(state.service.db)


async def _find(state: State, run_id: UUID) -> Document[Run]:
    if (found := await _runs(state).find(run_id)) is None:
        raise NotFound("not_found", f"没有统计任务 {run_id}: 请核对编号, 或用 GET /runs 查看最近的任务")
    return found


def _summary(document: Document[Run]) -> Json:
    assert document.state is not None
    run = document.state
    state: Json = msgspec.to_builtins(run)
    return {"id": str(document.id), "version": document.version, **state, "done": run.progress}


def _same(known: Document[Run], wish: Wish) -> Response[Json]:
    # The broker drops the repeated command within its dedupe window, so nobody would answer it.
    assert known.state is not None
    if (known.state.report, known.state.upload_id) != (wish.report, wish.upload_id):
        raise Refused("key_reused", "这个 Idempotency-Key 已用于另一个任务: 请换一个再提交")
    return Response({"status": "done", "id": str(known.id), "version": known.version}, status_code=200)


async def _file(state: State, run_id: UUID, name: str, media_type: str) -> File:
    found = await _find(state, run_id)
    assert found.state is not None
    if not found.state.ended:
        raise Refused("not_finished", f"统计任务还没有完成: 请稍后再试, 或用 GET /runs/{run_id}/events 等待")
    path = run_dir(state.service.settings.data_dir, run_id) / name
    if found.state.status == "failed" or not path.exists():
        raise NotFound("no_output", f"这个任务没有结果文件: {found.state.reason or '文件已被清理, 请重新提交任务'}")
    return File(path, filename=f"{found.state.report}-{str(run_id)[:8]}-{name}", media_type=media_type)
