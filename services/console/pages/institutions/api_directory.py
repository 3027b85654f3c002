"""The directory behind institutions: contacts, contracts and engineers are looked up, written, taken out, imported."""

from typing import Annotated, Any, Final, Literal
from urllib.parse import quote

from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.enums import RequestEncodingType
from litestar.params import Body
from litestar.response import Template
from litestar.types import ControllerRouterHandler

from chassis.access import READERS, SETTERS, Roles
from services.console.asking import Answered, Asker
from services.console.pages.cases.words import CHANNELS
from services.console.pages.institutions import editing
from services.console.pages.partly import given, part
from services.console.web.forms import Form
from services.console.web.page import AnyRequest, page, see_other

Kind = Literal["institution", "contact", "contract", "staff"]
_HERE: Final = "/institutions/directory/{kind:str}"
_SEEN: Final[Roles] = READERS | SETTERS
_MOST: Final = 200
_NEW: Final = "new"


@get(_HERE, roles=_SEEN, include_in_schema=False)
async def entries(request: AnyRequest, desk: Asker, kind: Kind, q: str = "") -> Template:
    found = await desk.get("intake", f"/directory/{kind}", q=q.strip(), limit=_MOST)
    fields = [field for field in editing.FIELDS[kind] if field.kind != "flag"][:5]
    rows = [(one["key"], [editing.written(one.get(field.name)) for field in fields]) for one in found]
    return page(
        request, "institutions/entries.html", editing.TITLES[kind], kind=kind, kinds=editing.TITLES, q=q, rows=rows,
        fields=fields, most=_MOST, may_edit=desk.who.role in SETTERS,
    )  # fmt: skip


@get(f"{_HERE}/{_NEW}", roles=SETTERS, include_in_schema=False)
async def new(request: AnyRequest, desk: Asker, kind: Kind, institution: str = "") -> Template:
    """`institution` is whose contact it will be."""
    known = {"institution_code": institution} if institution and kind == "contact" else None
    return await _editor(request, desk, kind, "", known)


@get(f"{_HERE}/{{key:str}}", roles=SETTERS, include_in_schema=False)
async def edit(request: AnyRequest, desk: Asker, kind: Kind, key: str) -> Template:
    entry = await desk.get("intake", f"/directory/{kind}/{quote(key, safe='')}")
    return await _editor(request, desk, kind, key, entry)


@post(_HERE, roles=SETTERS, include_in_schema=False, status_code=200)
async def save(request: AnyRequest, desk: Asker, kind: Kind, data: Form) -> Response[Any]:
    """Refused where somebody was faster, or where a new one is there already."""
    key = data.get("key", "").strip()
    version = data.get("version", "0")
    path = f"/directory/{kind}/{quote(key, safe='')}"
    before = await desk.get("intake", path) if version != "0" else None
    try:
        body = editing.asked(kind, data, before)
    except ValueError:
        raise Answered(400, "数字写法不对: 请检查次数与比例") from None
    await desk.put("intake", path, body, headers={"If-Match": f'"{version}"'})
    return see_other(request, _back(kind, key, body), "已保存")


@post(f"{_HERE}/remove", roles=SETTERS, include_in_schema=False, status_code=200)
async def remove(request: AnyRequest, desk: Asker, kind: Kind, data: Form) -> Response[Any]:
    path = f"/directory/{kind}/{quote(data.get('key', ''), safe='')}"
    await desk.delete("intake", path, reason=data.get("reason", ""))
    return see_other(request, f"/institutions/directory/{kind}", "已删除, 历史仍保留")


@post(f"{_HERE}/import", roles=SETTERS, include_in_schema=False, status_code=200)
async def import_(
    request: AnyRequest, desk: Asker, kind: Kind,
    data: Annotated[dict[str, UploadFile], Body(media_type=RequestEncodingType.MULTI_PART)],
) -> Template:  # fmt: skip
    """What became of each row of a CSV."""
    if (file := data.get("file")) is None:
        raise Answered(400, "没有收到文件: 请选择 CSV 文件")
    files = {"file": (file.filename, file.file, file.content_type)}
    answer = await desk.answer("POST", "intake", "/directory/import", params={"kind": kind}, files=files)
    return page(request, "institutions/imported.html", "导入", told=answer.json())


async def _editor(request: AnyRequest, desk: Asker, kind: Kind, key: str, entry: dict[str, Any] | None) -> Template:
    title = f"{'修改' if key else '新增'}{editing.TITLES[kind]}"
    return page(
        request, "institutions/editor.html", title, kind=kind, key=key, entry=entry if key else None,
        fields=editing.shown(kind, entry), clauses=editing.clauses(entry) if kind == "contract" else None,
        clocks=editing.CLOCKS, duties=await _duties(desk) if kind == "contract" else (), channels=CHANNELS,
        accounts=kind in editing.HAVE_ACCOUNTS,
    )  # fmt: skip


async def _duties(desk: Asker) -> list[tuple[str, str]]:
    """Whoever may not read them writes the name of one."""
    found = given(await part(desk.get("sla", "/obligations/definitions")), [])
    return [(one["name"], one["title"]) for one in found]


def _back(kind: Kind, key: str, body: dict[str, Any]) -> str:
    code = key if kind == "institution" else body.get("institution_code")
    return f"/institutions/{quote(code, safe='')}" if code else f"/institutions/directory/{kind}"


ROUTES: Final[list[ControllerRouterHandler]] = [entries, new, edit, save, remove, import_]
