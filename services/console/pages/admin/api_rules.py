"""Rules of alerts and templates of messages: shipped and saved side by side, tried out before they are saved."""

from typing import Any, Final, Literal
from urllib.parse import quote

from litestar import Response, get, post
from litestar.response import Redirect, Template
from litestar.types import ControllerRouterHandler

from chassis.access import SETTERS, Roles
from services.console.asking import Answered, Asker, Json
from services.console.pages.admin import view, written
from services.console.pages.admin.words import WORDS, event
from services.console.web.forms import Form
from services.console.web.page import AnyRequest, page, see_other

Kind = Literal["rules", "templates"]
RULE_READERS: Final[Roles] = SETTERS | {"auditor"}
_TITLES: Final[dict[Kind, str]] = {"rules": "通知规则", "templates": "消息模板"}
_ONE: Final[dict[Kind, str]] = {"rules": "rule", "templates": "template"}


@get("/admin/rules", roles=RULE_READERS, include_in_schema=False)
async def rules(request: AnyRequest, desk: Asker, q: str = "", new: str = "") -> Template | Redirect:
    return Redirect(f"/admin/rules/{quote(new)}") if new else await _list(request, desk, "rules", q)


@get("/admin/templates", roles=RULE_READERS, include_in_schema=False)
async def templates(request: AnyRequest, desk: Asker, q: str = "", new: str = "") -> Template | Redirect:
    return Redirect(f"/admin/templates/{quote(new)}") if new else await _list(request, desk, "templates", q)


@get(["/admin/rules/{name:str}", "/admin/templates/{name:str}"], roles=RULE_READERS, include_in_schema=False)
async def one(request: AnyRequest, desk: Asker, name: str) -> Template:
    """A name that there is not yet is a new one, with the beginning of a sketch."""
    kind = _kind(request)
    try:
        found: Json = await desk.get("notify", f"/settings/{kind}/{name}")
    except Answered as error:
        if error.status != 404:
            raise
        found = {"name": name, "holds": "", "version": 0, "saved": None, "packaged": _SKETCH[kind]}
    shipped = written.as_yaml(found["packaged"]) if found["packaged"] else ""
    return page(
        request, "admin/rule.html", f"{_TITLES[kind]} {name}", kind=kind, one=found, may=desk.who.role in SETTERS,
        text=written.as_yaml(view.held(found)), packaged=shipped,
    )  # fmt: skip


@post(["/admin/rules/{name:str}", "/admin/templates/{name:str}"], roles=SETTERS, include_in_schema=False)
async def save(request: AnyRequest, desk: Asker, name: str, data: Form) -> Response[Any]:
    kind = _kind(request)
    match = {"If-Match": f'"{data.get("version", "0")}"'}
    await desk.put("notify", f"/settings/{kind}/{name}", _body(data.get("text", "")), headers=match)
    return see_other(request, f"/admin/{kind}/{name}", "已保存并生效")


@post(["/admin/rules/{name:str}/try", "/admin/templates/{name:str}/try"], roles=SETTERS, include_in_schema=False,
      status_code=200)  # fmt: skip
async def try_out(request: AnyRequest, desk: Asker, name: str, data: Form) -> Template:
    """What it would say of a sample; a part of the page, nothing is saved or sent."""
    kind = _kind(request)
    sketch: Json = {_ONE[kind]: {**_body(data.get("text", "")), "name": name}}
    if facts := data.get("event", "").strip():
        sketch["event"] = _body(facts)
    shown = await desk.post("notify", "/settings/rules/preview", sketch)
    return Template("admin/tried.html", context={"shown": shown, "words": WORDS})


@post(["/admin/rules/{name:str}/remove", "/admin/templates/{name:str}/remove"], roles=SETTERS,
      include_in_schema=False)  # fmt: skip
async def remove(request: AnyRequest, desk: Asker, name: str) -> Response[Any]:
    kind = _kind(request)
    await desk.delete("notify", f"/settings/{kind}/{name}")
    return see_other(request, f"/admin/{kind}", f"已删除 {name} 的自定义内容")


async def _list(request: AnyRequest, desk: Asker, kind: Kind, q: str) -> Template:
    found = await desk.get("notify", f"/settings/{kind}")
    rows = [{**row, "body": view.held(row)} for row in found]
    shown = [row for row in rows if q in _findable(row)]
    return page(
        request, "admin/rules.html", _TITLES[kind], kind=kind, rows=shown, q=q, words=WORDS,
        may=desk.who.role in SETTERS,
    )  # fmt: skip


def _findable(row: Json) -> str:
    body, on = row["body"], row["body"].get("on", "")
    return f"{row['name']} {on} {event(on)} {body['title']}"


def _kind(request: AnyRequest) -> Kind:
    return "templates" if request.url.path.startswith("/admin/templates") else "rules"


def _body(text: str) -> Json:
    """Raises Answered."""
    try:
        body = written.from_yaml(text)
    except ValueError as error:
        raise Answered(400, str(error)) from None
    if not isinstance(body, dict):
        raise Answered(400, "内容应为“名称: 值”的写法: 请对照内置的规则填写")
    return body


_SKETCH: Final[dict[Kind, Json]] = {
    "rules": {"on": "case.opened", "to": ["desk"], "urgency": "normal", "title": "新工单 {{ event.number }}",
              "body": "{{ event.title }}"},
    "templates": {"for_kinds": [], "title": "{{ title }}", "body": "{{ body }}"},
}  # fmt: skip
ROUTES: Final[list[ControllerRouterHandler]] = [rules, templates, one, save, try_out, remove]
