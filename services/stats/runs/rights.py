"""Who may ask for which run, and on which data sets; whose rows count is decided by the scope, see `asking.py`."""

from collections.abc import Sequence
from uuid import UUID

import msgspec
from litestar.datastructures import State

from chassis.errors import NotFound, Refused
from contracts import stats as said
from services.stats.datasets.store import Datasets
from services.stats.places import dataset_path
from services.stats.runs.model import DatasetRef, Run
from services.stats.runs.store import Runs
from services.stats.viewing import Viewer

LEDGERS = ("hospital_ledger", "centre_ledger", "cross_region_failure", "statement_result")
OWN = "desk_"
"""How the tables begin that are made of the desk's own streams."""


def check_asker(viewer: Viewer, *, trial: bool, compares: bool) -> None:
    """Raises Refused where nothing is his to count, or only staff of the desk and of the centre may ask for it."""
    if viewer.scope.institutions == ():
        raise Refused("not_yours", "没有可以统计的数据: 请联系管理员为账号设置所属机构")
    if not viewer.is_staff and trial:
        raise Refused("not_yours", "没有生效的口径只有服务台和医保中心人员可以试算: 请按现行口径提交")
    if not viewer.is_staff and compares:
        raise Refused("not_yours", "对账由服务台或医保中心发起: 请联系服务台, 结果见 GET /reconciliations")


async def check_datasets(state: State, given: Sequence[said.DatasetRef], tables: Sequence[str]) -> None:
    """Raises Refused and NotFound for data sets that are not counted here, or that there never were."""
    if others := sorted({d.table for d in given} - set(tables)):
        told = f"这张报表不统计数据表 {'、'.join(others)[:100]}: 可用的是 {'、'.join(tables)[:500]}"
        raise Refused("other_table", told)
    store: Datasets = state.service.state["datasets"]
    folder = state.service.settings.data_dir
    refs = msgspec.convert([d.model_dump() for d in given], tuple[DatasetRef, ...])
    # What is made of the desk's own streams is kept for its runs and registered nowhere.
    kept = {r for r in refs if r.table.startswith(OWN) and dataset_path(folder, r.table, r.sha256).exists()}
    if gone := [ref for ref in await store.unknown(refs) if ref not in kept]:
        raise NotFound("not_found", f"没有数据集 {gone[0].sha256[:12]}: 请从 GET /datasets 中选择")


async def check_reworked(state: State, viewer: Viewer, reworks: UUID | None) -> None:
    """Raises NotFound where a run is to be reworked that the asker does not see."""
    runs: Runs = state.service.state["runs"]
    if reworks is not None and await runs.find(reworks, viewer.scope) is None:
        raise NotFound("not_found", f"没有要返工的任务 {reworks}: 请用 GET /runs 查看最近的任务")


def check_ending(viewer: Viewer, run: Run, actor: str) -> None:
    """Raises Refused where others than staff end a run that they did not ask for."""
    if not viewer.is_staff and run.requested_by != actor:
        raise Refused("not_yours", "只能取消自己提交的任务: 请联系提交人或服务台")


def check_deciding(viewer: Viewer, decision: str) -> None:
    """Raises Refused where others than staff accept a result whose checks failed."""
    if not viewer.is_staff and decision == "accept":
        raise Refused("not_yours", "只有服务台和医保中心人员可以放行: 请联系服务台")
