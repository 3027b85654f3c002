"""The editor of articles: written, looked at, saved as a draft, handed in for review; and how versions differ."""

import asyncio
from typing import Any, Final

from litestar import Response, get, post
from litestar.response import Template
from litestar.types import ControllerRouterHandler

from chassis.access import DESK
from services.console.asking import Asker
from services.console.pages.knowledge import editing, view
from services.console.pages.knowledge.words import AUDIENCES, KINDS
from services.console.web.forms import Form
from services.console.web.page import AnyRequest, page, see_other

Json = dict[str, Any]


@get("/knowledge/new", roles=DESK, include_in_schema=False)
async def new(request: AnyRequest, desk: Asker, question: str = "", category: str = "") -> Template:
    """`question` and `category` are what is known already, such as of a gap."""
    return _editor(request, {**editing.BLANK, "title": question, "question": question, "category": category})


@get("/knowledge/{reference:str}/edit", roles=DESK, include_in_schema=False)
async def edit(request: AnyRequest, desk: Asker, reference: str) -> Template:
    """What is written at present, also where readers still see an older one."""
    return _editor(request, await _written(desk, reference))


@post("/knowledge/preview", roles=DESK, include_in_schema=False, status_code=200)
async def preview(request: AnyRequest, data: Form) -> Template:
    return page(request, "knowledge/preview.html", "预览", sections=view.sections(data), heading=data.get("title", ""))


@post("/knowledge", roles=DESK, include_in_schema=False)
async def create(request: AnyRequest, desk: Asker, data: Form) -> Response[Any]:
    saved = await desk.post("knowledge", "/articles", editing.written(data, editing.BLANK))
    return await _saved(request, desk, saved.get("id") or saved["url"].rpartition("/")[2], data)


@post("/knowledge/{reference:str}", roles=DESK, include_in_schema=False)
async def write(request: AnyRequest, desk: Asker, reference: str, data: Form) -> Response[Any]:
    """Refused where somebody was faster: what was typed stays on the page."""
    content = editing.written(data, await _written(desk, reference))
    await desk.put("knowledge", f"/articles/{reference}", content, headers={"If-Match": f'"{data.get("version", "")}"'})
    return await _saved(request, desk, reference, data)


@get("/knowledge/{reference:str}/versions", roles=view.INSIDE, include_in_schema=False)
async def versions(request: AnyRequest, desk: Asker, reference: str, old: int = 0, new: int = 0) -> Template:
    """Two of them beside each other; without a word the latest two."""
    path = f"/articles/{reference}"
    found, all_ = await asyncio.gather(desk.get("knowledge", path), desk.get("knowledge", f"{path}/versions"))
    shown = view.versions(all_["versions"])
    latest = shown[0]["revision"] if shown else 1
    new, old = new or latest, old or max(1, (new or latest) - 1)
    told = (await desk.get("knowledge", f"{path}/versions/{old}/diff/{new}"))["fields"] if old != new else {}
    return page(
        request, "knowledge/versions.html", f"{found['title']} 的版本", article=found, versions=shown, old=old, new=new,
        differences=view.differences(told),
    )  # fmt: skip


async def _written(desk: Asker, reference: str) -> Json:
    found: Json = await desk.get("knowledge", f"/articles/{reference}")
    return {**found, **(found.get("draft") or {})}


async def _saved(request: AnyRequest, desk: Asker, reference: str, data: Form) -> Response[Any]:
    if data.get("then") != "submit":
        return see_other(request, f"/knowledge/{reference}?draft=true", "已保存草稿")
    await desk.post("knowledge", f"/articles/{reference}/submit", {"why": data.get("why", "")})
    return see_other(request, f"/knowledge/{reference}?draft=true", "已保存并送审: 请另一位同事审核发布")


def _editor(request: AnyRequest, content: Json) -> Template:
    title = "修改知识" if content["id"] else "新建知识"
    audiences = [*AUDIENCES.items(), ("hospital", "一家医院的专属档案")]
    return page(
        request, "knowledge/editor.html", title, article=editing.fields(content), kinds=KINDS.items(),
        categories=view.categories().items(), audiences=audiences,
    )  # fmt: skip


ROUTES: Final[list[ControllerRouterHandler]] = [new, edit, preview, create, write, versions]
