"""What staff say about an obligation: progress, evidence, done, waived, open again, noted."""

from typing import Any, Final
from uuid import UUID

from litestar import Response, post
from litestar.datastructures import UploadFile
from litestar.types import ControllerRouterHandler

from chassis.access import CENTRE, LEADS, STAFF
from services.console.asking import Answered, Asker
from services.console.web.page import AnyRequest, see_other

_DECIDE: Final = LEADS | CENTRE


@post("/obligations/{id_:uuid}/evidence", roles=STAFF, include_in_schema=False)
async def attach(request: AnyRequest, desk: Asker, id_: UUID) -> Response[Any]:
    form = await request.form()
    fields = {name: (None, str(form.get(name, ""))) for name in ("note", "item")}
    file = form.get("file")
    if isinstance(file, UploadFile) and file.filename:
        fields["file"] = (file.filename, await file.read(), file.content_type)  # type: ignore[assignment]
    await desk.answer("POST", "sla", f"/obligations/{id_}/evidence", files=fields)
    return see_other(request, f"/obligations/{id_}", "已登记凭证")


@post("/obligations/{id_:uuid}/progress", roles=STAFF, include_in_schema=False)
async def progress(request: AnyRequest, desk: Asker, id_: UUID) -> Response[Any]:
    form = await request.form()
    try:
        counts = {"done": int(form["done"]), "of": int(form["of"])}
    except (KeyError, ValueError):
        raise Answered(400, "已传数与应传数应为整数: 请核对后再提交") from None
    await desk.post("sla", f"/obligations/{id_}/progress", {"items": [{"key": form.get("item", ""), **counts}]})
    return see_other(request, f"/obligations/{id_}", "已登记进度")


@post("/obligations/{id_:uuid}/fulfil", roles=STAFF, include_in_schema=False)
async def fulfil(request: AnyRequest, desk: Asker, id_: UUID) -> Response[Any]:
    form = await request.form()
    await desk.post("sla", f"/obligations/{id_}/fulfil", {"items": _items(form), "note": str(form.get("reason", ""))})
    return see_other(request, f"/obligations/{id_}", "已登记完成")


@post("/obligations/{id_:uuid}/acknowledge", roles=STAFF, include_in_schema=False)
async def acknowledge(request: AnyRequest, desk: Asker, id_: UUID) -> Response[Any]:
    await desk.post("sla", f"/obligations/{id_}/acknowledge")
    return see_other(request, f"/obligations/{id_}", "已知悉: 不再催办和升级, 到期仍会提醒")


@post("/obligations/{id_:uuid}/waive", roles=_DECIDE, include_in_schema=False)
async def waive(request: AnyRequest, desk: Asker, id_: UUID) -> Response[Any]:
    await _reasoned(request, desk, id_, "waive")
    return see_other(request, f"/obligations/{id_}", "已免除")


@post("/obligations/{id_:uuid}/reopen", roles=_DECIDE, include_in_schema=False)
async def reopen(request: AnyRequest, desk: Asker, id_: UUID) -> Response[Any]:
    await _reasoned(request, desk, id_, "reopen")
    return see_other(request, f"/obligations/{id_}", "已重新打开")


async def _reasoned(request: AnyRequest, desk: Asker, id_: UUID, what: str) -> None:
    form = await request.form()
    body = {"items": _items(form), "reason": str(form.get("reason", ""))}
    await desk.post("sla", f"/obligations/{id_}/{what}", body)


def _items(form: Any) -> list[str]:
    """Those that were ticked. Raises Answered where none was: without a choice it would mean all."""
    if not (chosen := [str(item) for item in form.getall("items", [])]):
        raise Answered(400, "没有勾选任何一家: 请先勾选")
    return chosen


ROUTES: Final[list[ControllerRouterHandler]] = [attach, progress, fulfil, acknowledge, waive, reopen]
