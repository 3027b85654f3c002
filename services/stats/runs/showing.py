"""HTTP of a result on the screen: its table page by page, and its charts."""

import asyncio
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import get
from litestar.datastructures import State
from litestar.params import Parameter
from msgspec.structs import replace

from chassis.access import WITH_HOSPITALS
from chassis.asking import AnyRequest
from chassis.errors import NotFound, Refused
from services.stats import screen
from services.stats.places import run_dir
from services.stats.runs.api import found_run
from services.stats.viewing import viewer_of

Json = dict[str, Any]


@get("/runs/{run_id:uuid}/table", tags=["runs"], roles=WITH_HOSPITALS, summary="结果表格与图表")
async def table(
    state: State, request: AnyRequest, run_id: UUID, offset: Annotated[int, Parameter(ge=0)] = 0,
    limit: Annotated[int, Parameter(ge=1, le=500)] = 100,
) -> Json:  # fmt: skip
    """`count` lines are kept for the screen, 2,000 at most. 409 for what failed its checks: only staff, who may release
    it, look at it before."""
    found = await found_run(state, request, run_id)
    assert found.state is not None
    if found.state.verdict == "failed" and not found.state.accepted and not viewer_of(request).is_staff:
        raise Refused("checks_failed", "结果未通过检查, 放行之前不能查看: 请联系服务台")
    shown = await asyncio.to_thread(screen.read, run_dir(state.service.settings.data_dir, run_id))
    if shown is None or found.state.expired_at is not None:
        raise NotFound("no_output", "这个任务没有可以显示的结果表格: 请下载文件查看, 或重新提交任务")
    told: Json = msgspec.to_builtins(replace(shown, rows=shown.rows[offset : offset + limit]))
    return {**told, "count": len(shown.rows), "offset": offset}
