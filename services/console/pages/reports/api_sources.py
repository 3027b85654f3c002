"""Data sets: what reports count; files are uploaded and read into a table here, and taken down again."""

import asyncio
from dataclasses import dataclass
from typing import Annotated, Any, Final

from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.enums import RequestEncodingType
from litestar.params import Body
from litestar.response import Template
from litestar.types import ControllerRouterHandler

from chassis.access import DESK, READERS
from services.console.asking import Answered, Asker
from services.console.pages.reports import view
from services.console.pages.reports.asking import run_path, sheet, titles
from services.console.web.forms import words_of
from services.console.web.page import AnyRequest, see_other

_HERE = "/reports/datasets"
_WITHIN_S: Final = 900.0
"""A large file is hashed before stats answers."""


@dataclass
class Sent:
    """The form: `given` are lines of column and value that the file lacks, `then` reports that are counted after it."""

    file: UploadFile | None = None
    table: str = ""
    layout: str = ""
    headerless: str = ""
    empty: str = ""
    given: str = ""
    then: str = ""
    period: str = ""


@get(_HERE, roles=READERS, include_in_schema=False)
async def datasets(request: AnyRequest, desk: Asker, table: str = "") -> Template:
    found, named, tables = await asyncio.gather(
        desk.get("stats", "/datasets", table=table), titles(desk), desk.get("stats", "/tables")
    )
    rows = [{**d, "title": named.get(d["table"], d["table"])} for d in found]
    return sheet(
        request, desk, "datasets.html", "数据集", datasets=rows, table=table, may_change=desk.who.role in DESK,
        tables=[(t["table"], f"{t['title']} ({t['table']})") for t in tables],
    )  # fmt: skip


@post(_HERE, roles=DESK, include_in_schema=False, request_max_body_size=None)
async def read_in(
    request: AnyRequest, desk: Asker, data: Annotated[Sent, Body(media_type=RequestEncodingType.MULTI_PART)]
) -> Response[Any]:
    """The file goes on to stats from where it lies on disk, then a run reads it."""
    if not isinstance(data.file, UploadFile) or not data.file.filename:
        raise Answered(400, "请先选择要上传的文件")
    files = {"file": (data.file.filename, data.file.file)}
    kept = (await desk.answer("POST", "stats", "/uploads", files=files, timeout=_WITHIN_S)).json()
    told = await desk.post("stats", "/datasets", {"upload_id": kept["upload_id"], **_reading(data)})
    return see_other(request, run_path(told), "已上传, 正在读入")


def _reading(data: Sent) -> view.Json:
    pairs = (line.replace("＝", "=").partition("=") for line in data.given.splitlines() if line.strip())
    assert data.file is not None
    return {
        "table": data.table, "name": data.file.filename, "layout": data.layout.strip(),
        "headerless": data.headerless == "1", "empty": data.empty == "1",
        "given": {name.strip(): value.strip() for name, _, value in pairs}, "then": words_of(data.then),
        "period": data.period.strip(),
    }  # fmt: skip


@post(_HERE + "/{table:str}/{sha256:str}/withdraw", roles=DESK, include_in_schema=False)
async def withdraw(request: AnyRequest, desk: Asker, table: str, sha256: str) -> Response[Any]:
    reason = str((await request.form()).get("reason", ""))
    await desk.answer("DELETE", "stats", f"/datasets/{table}/{sha256}", json={"reason": reason})
    return see_other(request, _HERE, "已撤下, 今后的统计不再计入")


ROUTES: Final[list[ControllerRouterHandler]] = [datasets, read_in, withdraw]
