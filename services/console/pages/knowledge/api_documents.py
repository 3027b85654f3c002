"""Documents that become articles: hand them in, see what was handed in, take an original out again."""

from dataclasses import dataclass, field
from typing import Annotated, Any, Final

from litestar import get, post
from litestar.datastructures import UploadFile
from litestar.enums import RequestEncodingType
from litestar.params import Body
from litestar.response import Stream, Template
from litestar.types import ControllerRouterHandler

from chassis.access import DESK
from services.console.asking import Asker
from services.console.pages.knowledge import view
from services.console.pages.knowledge.editing import audience_of
from services.console.pages.knowledge.words import AUDIENCES
from services.console.web.download import download
from services.console.web.page import AnyRequest, page


@dataclass
class Upload:
    """As the service's own form, but `institution` beside `audience`."""

    file: list[UploadFile] = field(default_factory=list)
    category: str = ""
    title: str = ""
    kind: str = "guide"
    audience: str = "engineers"
    institution: str = ""
    edition: str = ""
    institution_type: str = ""
    why: str = ""


@get("/knowledge/documents", roles=DESK, include_in_schema=False)
async def documents(request: AnyRequest, desk: Asker) -> Template:
    return await _page(request, desk)


@post("/knowledge/documents", roles=DESK, include_in_schema=False, status_code=200)
async def upload(
    request: AnyRequest, desk: Asker, data: Annotated[Upload, Body(media_type=RequestEncodingType.MULTI_PART)]
) -> Template:
    """What became of each file is told on the page."""
    files = [("file", (one.filename, one.file, one.content_type)) for one in data.file if one.filename]
    told = {name: value for name, value in vars(data).items() if name not in ("file", "institution") and value}
    told["audience"] = audience_of({"audience": data.audience, "institution": data.institution})
    answer = await desk.answer("POST", "knowledge", "/documents", files=files, data=told)
    return await _page(request, desk, answer.json()["documents"])


@get("/knowledge/documents/{sha256:str}", roles=DESK, include_in_schema=False)
async def original(desk: Asker, sha256: str) -> Stream:
    """As it was handed in; the service notes who took it."""
    return await download(desk, "knowledge", f"/documents/{sha256}")


async def _page(request: AnyRequest, desk: Asker, results: Any = ()) -> Template:
    found = await desk.get("knowledge", "/documents", limit=100)
    audiences = [*AUDIENCES.items(), ("hospital", "一家医院的专属档案")]
    shown = {"documents": found, "results": results, "audiences": audiences, "categories": view.categories().items()}
    return page(request, "knowledge/documents.html", "文档导入", **shown)


ROUTES: Final[list[ControllerRouterHandler]] = [documents, upload, original]
