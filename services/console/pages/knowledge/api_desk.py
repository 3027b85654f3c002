"""The desk's own lists of knowledge: what waits for review, what nothing answers, what articles do."""

import asyncio
from datetime import datetime, timedelta
from typing import Annotated, Any, Final

from litestar import Response, get, post
from litestar.params import Parameter
from litestar.response import Stream, Template
from litestar.types import ControllerRouterHandler

from chassis.access import DESK, LEADS
from chassis.zone import BEIJING
from services.console.asking import Asker
from services.console.pages.knowledge import view
from services.console.pages.knowledge.api_documents import ROUTES as DOCUMENTS
from services.console.pages.knowledge.api_synonyms import ROUTES as SYNONYMS
from services.console.pages.names import names
from services.console.web.download import download
from services.console.web.forms import Form, words_of
from services.console.web.page import AnyRequest, page, see_other

Days = Annotated[int, Parameter(ge=1, le=366)]
Json = dict[str, Any]
_MOST: Final = 50
_QUEUES: Final = (
    ("in_review", "等待审核发布", {"state": "in_review"}),
    ("due", "到期或待复核", {"due": True}),
    ("proposed", "疑似重复, 待合并", {"state": "proposed"}),
    ("draft", "草稿", {"state": "draft"}),
)


@get("/knowledge/queue", roles=view.INSIDE, include_in_schema=False)
async def queue(request: AnyRequest, desk: Asker, mine: bool = False) -> Template:
    """What somebody has to do with articles; `mine` are those that I keep."""
    owner = desk.who.account if mine else ""
    asked = [desk.get("knowledge", "/articles", **q, owner=owner, limit=_MOST) for _, _, q in _QUEUES]
    staff, progress, *found = await asyncio.gather(
        names(desk, "staff"), desk.get("knowledge", "/articles/review"), *asked
    )  # fmt: skip
    queues = [
        {"id": id_, "title": title, "total": one["total"], "articles": list(map(view.line, one["articles"]))}
        for (id_, title, _), one in zip(_QUEUES, found, strict=True)
    ]
    return page(request, "knowledge/queue.html", "知识审核", queues=queues, progress=progress, mine=mine, staff=staff)


@post("/knowledge/queue/duplicates", roles=DESK, include_in_schema=False, status_code=200)
async def duplicates(request: AnyRequest, desk: Asker) -> Response[Any]:
    found = await desk.post("knowledge", "/articles/duplicates")
    return see_other(request, "/knowledge/queue", f"已查重: {found['proposed']} 条草稿建议合并")


@post("/knowledge/queue/question", roles=LEADS, include_in_schema=False, status_code=200)
async def question_all(request: AnyRequest, desk: Asker, data: Form) -> Any:
    """Of what the interface or a policy has changed: first which, then for good."""
    body = {name: data[name] for name in ("doubt", "why", "infno", "edition", "category") if data.get(name)}
    body["words"] = words_of(data.get("words", ""))  # type: ignore[assignment]
    path = "/articles/question-all"
    if data.get("then") != "go":
        found = await desk.post("knowledge", path, body, params={"preview": True})
        return page(request, "knowledge/doubted.html", "提请复核", found=found)
    found = await desk.post("knowledge", path, body)
    return see_other(request, "/knowledge/queue", f"已提请复核 {found['questioned']} 条")


@get("/knowledge/gaps", roles=view.INSIDE, include_in_schema=False)
async def gaps(request: AnyRequest, days: Days = 30) -> Template:
    """The page; its table takes a while and comes by itself."""
    return page(request, "knowledge/report.html", "知识缺口", report="gaps", days=days)


@get("/knowledge/usage", roles=view.INSIDE, include_in_schema=False)
async def usage(request: AnyRequest, days: Days = 90) -> Template:
    return page(request, "knowledge/report.html", "知识效果", report="usage", days=days)


@get("/knowledge/gaps/table", roles=view.INSIDE, include_in_schema=False)
async def gap_table(request: AnyRequest, desk: Asker, days: Days = 30) -> Template:
    found = await desk.get("knowledge", "/gaps", since=_since(days), limit=_MOST)
    return page(request, "knowledge/gaps.html", "知识缺口", found=found)


@get("/knowledge/usage/table", roles=view.INSIDE, include_in_schema=False)
async def usage_table(request: AnyRequest, desk: Asker, days: Days = 90) -> Template:
    found, staff = await asyncio.gather(
        desk.get("knowledge", "/usage", since=_since(days), limit=_MOST), names(desk, "staff")
    )  # fmt: skip
    shown = [{**one, **view.standing(one["state"])} for one in found["articles"]]
    return page(request, "knowledge/usage.html", "知识效果", found=found, articles=shown, staff=staff)


@get("/knowledge/{report:str}/file", roles=view.INSIDE, include_in_schema=False)
async def file(desk: Asker, report: str, days: Days = 90) -> Stream:
    """A report as a workbook."""
    path = {"gaps": "/gaps", "usage": "/usage"}.get(report, "/gaps")
    return await download(desk, "knowledge", path, since=_since(days), format="xlsx")


def _since(days: int) -> str:
    return (datetime.now(BEIJING) - timedelta(days=days)).date().isoformat()


ROUTES: Final[list[ControllerRouterHandler]] = [
    queue, duplicates, question_all, gaps, gap_table, usage, usage_table, file, *DOCUMENTS, *SYNONYMS,
]  # fmt: skip
