"""All HTTP of documents: hand them in, list them, take an original out again."""

from dataclasses import dataclass, field
from typing import Annotated, Any, cast, get_args
from urllib.parse import quote

from litestar import Controller, Response, get, post
from litestar.datastructures import State, UploadFile
from litestar.enums import RequestEncodingType
from litestar.params import Body, Parameter

from chassis.access import DESK
from chassis.asking import AnyRequest
from chassis.auditing import noted
from chassis.describing import answering
from chassis.errors import Refused
from chassis.personal.masking import mask_reply
from contracts.case import Category
from contracts.knowledge import ArticleKind
from services.knowledge.audience import INSIDE
from services.knowledge.documents.importing import Wanted, fits
from services.knowledge.documents.originals import Original, Originals
from services.knowledge.documents.uploading import Uploads

Json = dict[str, Any]
MOST_FILES, _LONG = 20, 500
_SAFE = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox; default-src 'none'"}
_CATEGORIES: tuple[str, ...] = get_args(Category)


class BadForm(Refused):
    status = 400


@dataclass
class Form:
    """What is said of all files of the upload; `title` only of a single one. `why` is kept with the article."""

    file: list[UploadFile] = field(default_factory=list)
    category: str = ""
    title: str = ""
    kind: str = "guide"
    audience: str = "engineers"
    edition: str = ""
    institution_type: str = ""
    why: str = ""


class DocumentController(Controller):
    """Documents (文档): guides and policies that become articles. For engineers only."""

    path = "/documents"
    tags = ("documents",)

    @post(status_code=200, roles=DESK, summary="导入文档, 生成知识条目草稿")
    async def upload(
        self, state: State, request: AnyRequest,
        data: Annotated[Form, Body(media_type=RequestEncodingType.MULTI_PART)],
    ) -> Response[Json]:  # fmt: skip
        """Form field `file`, as often as there are files: DOCX, PDF, HTML, Markdown, TXT. One result for each; the
        same file again gives the same articles. Where none could be read, the answer is the first one's error.
        """
        wanted = _wanted(data)
        results = [await _uploads(state).take(request, file, wanted, data.why[:500]) for file in data.file]
        refused = [r for r in results if r["status"] == "refused"]
        done = len(results) - len(refused)
        told = f"{done} 个文件已导入" + (f", {len(refused)} 个没有导入: 原因见各文件的 message" if refused else "")
        if done:
            return Response({"documents": results, "message": told})
        first = refused[0]
        body = {"documents": results, "code": first["code"], "message": f"{first['name']}: {first['message']}"}
        return Response(body, status_code=first["http_status"])

    @get(roles=INSIDE, summary="已导入的文档")
    async def list_documents(self, state: State, limit: Annotated[int, Parameter(ge=1, le=500)] = 50) -> list[Json]:
        """The latest first."""
        return [_shown(original) for original in await _originals(state).latest(limit)]

    @get("/{sha256:str}", roles=DESK, summary="下载文档原件", operation_class=answering("*/*"))
    async def original(self, state: State, request: AnyRequest, sha256: str) -> Response[bytes]:
        """The file as it was handed in, as a download; who took it is noted, for it may hold personal data."""
        original, data = await _originals(state).read(sha256)
        await noted(state.service, request, "revealed", f"document {sha256}", detail=original.name)
        named = f"attachment; filename*=UTF-8''{quote(original.name, safe='')}"
        headers = {**_SAFE, "Content-Disposition": named, "Cache-Control": "private, no-store"}
        return Response(data, media_type=original.media_type, headers=headers)


def _wanted(form: Form) -> Wanted:
    """Raises BadForm."""
    if not form.file:
        raise BadForm("no_file", "没有收到文件: 请用表单字段 file 上传 DOCX、PDF、HTML、Markdown 或 TXT 文件")
    if len(form.file) > MOST_FILES:
        raise BadForm("too_many", f"一次最多上传 {MOST_FILES} 个文件: 请分批上传")
    if form.category not in _CATEGORIES:
        raise BadForm("unknown_category", f"请用表单字段 category 说明类别, 从 {', '.join(_CATEGORIES)} 中选择")
    if form.kind not in ("guide", "policy"):
        raise BadForm("unknown_kind", "表单字段 kind 应为 guide (培训材料) 或 policy (政策文件)")
    title = form.title[:_LONG] if len(form.file) == 1 else ""
    category, kind = cast(Category, form.category), cast(ArticleKind, form.kind)
    edition, institution_type = (mask_reply(said[:_LONG].strip()) for said in (form.edition, form.institution_type))
    wanted = Wanted(category, kind, form.audience, title, edition, institution_type)
    if not fits(wanted):
        told = (
            "audience 应为 engineers、centre、hospitals 或 hospital:<机构编码>; edition、institution_type 不超过 200 字"
        )
        raise BadForm("bad_form", f"表单不合要求: {told}")
    return wanted


def _shown(original: Original) -> Json:
    facts = original._asdict()
    return {**facts, "articles": [str(id_) for id_ in original.articles], "url": f"/documents/{original.sha256}"}


def _uploads(state: State) -> Uploads:
    uploads: Uploads = state.service.state["uploads"]
    return uploads


def _originals(state: State) -> Originals:
    originals: Originals = state.service.state["originals"]
    return originals
