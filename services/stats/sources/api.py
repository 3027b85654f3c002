"""All HTTP of sources: upload a file, see what each table needs, read uploads into data sets, take data sets down."""

from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
from litestar import Controller, Response, delete, get, post
from litestar.datastructures import State, UploadFile
from litestar.enums import RequestEncodingType
from litestar.params import Body, Parameter

from chassis.access import DESK, READERS, WITH_HOSPITALS
from chassis.asking import AnyRequest, stamp
from chassis.errors import NotFound, Refused
from chassis.http import carry_out
from chassis.personal.masking import mask
from contracts.dataset import WithdrawDataset
from contracts.envelope import derive_id
from contracts.stats import FollowUp, RequestRun, Wanted
from services.stats.datasets.store import Datasets
from services.stats.desk import staff_only
from services.stats.problem import Problem
from services.stats.runs.asking import check_follow
from services.stats.settings import StatsSettings
from services.stats.sources.ingest.given import check
from services.stats.sources.table import Table, dictionaries, tables
from services.stats.sources.uploads import Unreadable, keep, must_exist, within_bounds

Json = dict[str, Any]


@dataclass
class Upload:
    """The form's one field."""

    file: UploadFile | None = None


class Reading(msgspec.Struct):
    """Which upload is read into which table; `then` are reports of `period` that are counted on it afterwards.

    `headerless` is the national TXT: tabs, no header, fields in the order of the table, or of one of its `layouts`.
    `empty` says that a file of nothing but a header is meant: there were none in that time.
    `given` are cells of columns that the file lacks, the same in every row: `{"fixmedins_code": "H62010000001"}`.
    """

    table: str
    upload_id: str
    name: str = ""
    headerless: bool = False
    empty: bool = False
    layout: str = ""
    given: dict[str, str] = {}
    then: list[str] = []
    period: str = ""


class Why(msgspec.Struct):
    reason: str


@post(
    "/uploads", tags=["sources"], status_code=201, roles=DESK, guards=[within_bounds], request_max_body_size=None,
    summary="上传文件",
)  # fmt: skip
async def upload(state: State, data: Annotated[Upload, Body(media_type=RequestEncodingType.MULTI_PART)]) -> Json:
    """Store a file (form field `file`; CSV, XLSX, Parquet or a ZIP of them) under its SHA-256."""
    if not isinstance(data.file, UploadFile):
        raise Unreadable("no_file", "没有收到文件: 请用表单字段 file 上传")
    settings: StatsSettings = state.service.state["settings"]
    upload_id, size = await keep(state.service.settings.data_dir, data.file, settings.upload_max_mb)
    return {"upload_id": upload_id, "bytes": size, "name": data.file.filename}


class TableController(Controller):
    """The national tables (数据表) that uploads are read into."""

    path = "/tables"
    tags = ("sources",)

    @get(sync_to_thread=False, roles=WITH_HOSPITALS, summary="数据表目录")
    def list_tables(self) -> list[Json]:
        return [{"table": t.name, "title": t.title, "grain": t.grain, "source": t.source} for t in tables().values()]

    @get("/{name:str}", sync_to_thread=False, roles=WITH_HOSPITALS, summary="一张数据表的列与字典")
    def read_table(self, name: str) -> Json:
        """Its columns: type, whether required, how personal data is kept, which codes there are."""
        table = _table(name)
        used = {c.dictionary for c in table.columns if c.dictionary}
        codes = {n: d for n, d in dictionaries().items() if n in used}
        return {**msgspec.to_builtins(table), "dictionaries": codes}


class DatasetController(Controller):
    """Data sets (数据集): what reports count."""

    path = "/datasets"
    tags = ("sources",)
    guards = (staff_only,)

    @get(roles=READERS, summary="数据集列表")
    async def list_datasets(
        self, state: State, table: str | None = None, limit: Annotated[int, Parameter(ge=1, le=1_000)] = 200
    ) -> list[Json]:
        """The newest first; with `withdrawn_at` where it is not counted any more."""
        store: Datasets = state.service.state["datasets"]
        found = await store.list(table, limit)
        return [msgspec.to_builtins(d.state) for d in found if d.state is not None]

    @post(status_code=200, roles=DESK, summary="把上传的文件读入数据表")
    async def read_in(self, state: State, request: AnyRequest, data: Reading) -> Response[Json]:
        """A run that reads the upload; when it ends, its rows count in every report on the table."""
        table = _table(data.table)
        must_exist(state.service.settings.data_dir, data.upload_id)
        facts = stamp(request, "ingest", table.name, data.upload_id)
        run_id = derive_id("run", facts["id"])
        follow_ups = tuple(FollowUp(report=r, wanted=Wanted(period=data.period)) for r in data.then)
        for follow in follow_ups:
            await check_follow(state, follow, dated=False)
        wish = RequestRun(
            **facts, run_id=run_id, kind="ingest", report=table.name, upload_id=data.upload_id,
            wanted=Wanted(name=mask(data.name[:255])[:255], parameters=_parameters(table, data)),
            then=follow_ups,
        )  # fmt: skip
        return await carry_out(state.service, wish, f"/runs/{run_id}")

    @delete("/{table:str}/{sha256:str}", status_code=200, roles=DESK, summary="撤下数据集")
    async def withdraw(self, state: State, request: AnyRequest, table: str, sha256: str, data: Why) -> Response[Json]:
        """Reports do not count it from now on; what was counted before stays."""
        facts = stamp(request, "withdraw", table, sha256)
        wish = WithdrawDataset(**facts, table=table, sha256=sha256, reason=data.reason)
        return await carry_out(state.service, wish, "/datasets")


def _parameters(table: Table, data: Reading) -> dict[str, str]:
    """Raises Refused for a layout or columns that the table does not have: nobody has to wait for the run to say so."""
    try:
        check(table, data.layout, data.given)
    except Problem as problem:
        raise Refused("bad_layout", str(problem)) from None
    flags = {"headerless": data.headerless, "empty": data.empty}
    plain = {"layout": data.layout, **{name: "1" for name, on in flags.items() if on}}
    given = {f"given.{code}": value[:200] for code, value in data.given.items()}
    return {name: value for name, value in (plain | given).items() if value}


def _table(name: str) -> Table:
    if (table := tables().get(name)) is None:
        raise NotFound("not_found", f"没有数据表 {name[:60]}: 请从 GET /tables 的目录中选择")
    return table
