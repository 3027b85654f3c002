"""Changes of the roster by those who set it: one shift, a weekly pattern, a month's table."""

from datetime import date
from typing import Any, Final
from uuid import uuid4

from litestar import Response, post
from litestar.datastructures import UploadFile
from litestar.types import ControllerRouterHandler

from chassis.access import READERS, SETTERS
from services.console.asking import Answered, Asker, Json
from services.console.pages.duty.view import shift_of
from services.console.pages.months import monday_of
from services.console.web.forms import Form, whole
from services.console.web.page import AnyRequest, see_other

_MAY: Final = READERS & SETTERS


@post("/duty/shifts", roles=_MAY, include_in_schema=False)
async def add(request: AnyRequest, desk: Asker, data: Form) -> Response[Any]:
    try:
        shift = shift_of(data)
    except (KeyError, ValueError):
        raise Answered(400, "日期或时间不完整: 请填写日期、开始和结束时间") from None
    await desk.put("intake", f"/duty/shifts/s-{uuid4().hex[:12]}", shift)
    return see_other(request, f"/duty?week={monday_of(date.fromisoformat(data['day']))}", "已加入排班")


@post("/duty/shifts/{shift_id:str}/remove", roles=_MAY, include_in_schema=False)
async def remove(request: AnyRequest, desk: Asker, shift_id: str, week: str = "") -> Response[Any]:
    await desk.delete("intake", f"/duty/shifts/{shift_id}")
    return see_other(request, f"/duty?week={week}", "已删除班次")


@post("/duty/pattern", roles=_MAY, include_in_schema=False)
async def pattern(request: AnyRequest, desk: Asker) -> Response[Any]:
    form = await request.form()
    body = {name: str(form.get(name, "")) for name in ("engineer", "from", "to", "begins", "ends", "kind", "note")}
    days = [day for text in form.getall("weekdays", []) if (day := whole(text)) is not None]
    told = await desk.post("intake", "/duty/pattern", {**body, "weekdays": days})
    return see_other(request, f"/duty?week={body['from']}", _reported(told))


@post("/duty/import", roles=_MAY, include_in_schema=False)
async def table(request: AnyRequest, desk: Asker) -> Response[Any]:
    file = (await request.form()).get("file")
    if not isinstance(file, UploadFile):
        raise Answered(400, "没有收到文件: 请选择 CSV 文件")
    files = {"file": (file.filename, await file.read(), "text/csv")}
    told = (await desk.answer("POST", "intake", "/duty/import", files=files)).json()
    return see_other(request, "/duty", _reported(told))


def _reported(told: Json) -> str:
    """In one sentence what became of the rows, with the first one that was refused."""
    rows = told.get("report", [])
    refused = [row for row in rows if row.get("outcome") == "refused"]
    first = f"; {len(refused)} 行未导入, 第 {refused[0]['row']} 行: {refused[0].get('reason', '')}" if refused else ""
    return f"已排 {len(rows) - len(refused)} 个班次{first}"


ROUTES: Final[list[ControllerRouterHandler]] = [add, remove, pattern, table]
