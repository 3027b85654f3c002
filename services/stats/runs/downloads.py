"""HTTP of results: every form of a result is taken away from a path of its own, and who took it stands in the log."""

from typing import Any
from uuid import UUID

from litestar import Response, get
from litestar.datastructures import State
from litestar.handlers import HTTPRouteHandler
from litestar.response import File

from chassis.access import WITH_HOSPITALS
from chassis.asking import AnyRequest, stamp
from chassis.auditing import noted
from chassis.describing import answering
from chassis.errors import NotFound
from chassis.http import carry_out
from contracts.stats import TakeOutput
from services.stats.places import FORMS, run_dir
from services.stats.runs.api import found_run
from services.stats.runs.model import OutputFile, Run

Json = dict[str, Any]
_TYPES = {
    "xlsx": ("Excel", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "pdf": ("PDF", "application/pdf"),
    "html": ("网页", "text/html"),
    "csv": ("CSV", "text/csv"),
    "parquet": ("Parquet", "application/vnd.apache.parquet"),
    "rejects": ("退回的行", "text/csv"),
    "zip": ("对账差异 TXT", "application/zip"),
}  # fmt: skip


def _download(form: str) -> HTTPRouteHandler:
    @get(
        f"/runs/{{run_id:uuid}}/{FORMS[form]}",
        tags=["runs"],
        roles=WITH_HOSPITALS,
        summary=f"下载结果: {_TYPES[form][0]}",
        name=f"take {form}",
        operation_class=answering(_TYPES[form][1]),
    )
    async def take(state: State, request: AnyRequest, run_id: UUID) -> File | Response[Json]:
        """The file, once the log says that it was taken; 409 while there is no result that may be handed over."""
        return await _taken(state, request, run_id, form)

    return take


async def _taken(state: State, request: AnyRequest, run_id: UUID, form: str) -> File | Response[Json]:
    found = await found_run(state, request, run_id)
    assert found.state is not None
    path = run_dir(state.service.settings.data_dir, run_id) / FORMS[form]
    if found.state.ended and found.state.expired_at is None and not path.exists():
        others = "、".join(f.form for f in _files(found.state)) or "无"
        why = found.state.reason or f"没有这种格式的结果 (现有: {others}), 请在提交时选择"
        raise NotFound("no_output", f"这个任务没有结果文件: {why}")
    wish = TakeOutput.model_validate({**stamp(request, "take", run_id, form), "run_id": run_id, "form": form})
    answer = await carry_out(state.service, wish, f"/runs/{run_id}")
    if answer.status_code != 200:
        return answer
    await noted(state.service, request, "exported", f"run {run_id} {form}", detail=found.state.report)
    name = f"{found.state.report}-{found.state.wanted.period or 'all'}-{str(run_id)[:8]}-{path.name}"
    return File(path, filename=name, media_type=_TYPES[form][1])


def _files(run: Run) -> tuple[OutputFile, ...]:
    return run.result.outcome.files if run.result is not None and run.result.outcome is not None else ()


DOWNLOADS = [_download(form) for form in _TYPES]
