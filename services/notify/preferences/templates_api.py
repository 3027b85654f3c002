"""HTTP of message templates: how alerts read on each kind of provider."""

from litestar import Controller, Response, delete, get, put
from litestar.datastructures import State

from chassis.access import SETTERS
from chassis.asking import AnyRequest
from chassis.errors import Refused
from contracts.setting import MessageTemplate
from services.notify.preferences.holding import both, one, refuse
from services.notify.preferences.shared import LOOKING, Json, Reason, only_known, remove, save, settings_of
from services.notify.rules.problems import problems_of_template
from services.notify.rules.templating import PACKAGED


class TemplateController(Controller):
    """Message templates (消息模板): how an alert reads on a kind of provider."""

    path = "/settings/templates"
    tags = ("settings",)

    @get(roles=LOOKING, summary="消息模板列表")
    async def templates(self, state: State) -> list[Json]:
        """Shipped ones, which are used by kind of message, and saved ones, which rules name."""
        return await both(state, "template", PACKAGED)

    @get("/{name:str}", roles=LOOKING, summary="一个消息模板")
    async def template(self, state: State, name: str) -> Json:
        return await one(state, "template", PACKAGED, name)

    @put("/{name:str}", roles=SETTERS, summary="保存消息模板")
    async def save_template(self, state: State, request: AnyRequest, name: str, data: Json) -> Response[Json]:
        """`name` in the address counts; the names of those that are shipped are taken."""
        if name in PACKAGED:
            raise Refused("packaged", f"模板 {name} 是内置的, 不能替换: 请另取名称, 并在规则的 template 中写明")
        body = MessageTemplate.model_validate({**only_known(MessageTemplate, data), "name": name})
        refuse(problems_of_template(body))
        return await save(state, request, "template", name, body, f"/settings/templates/{name}")

    @delete("/{name:str}", status_code=200, roles=SETTERS, summary="删除已保存的消息模板")
    async def remove_template(
        self, state: State, request: AnyRequest, name: str, reason: Reason = ""
    ) -> Response[Json]:
        """Not while a saved rule names it."""
        if users := await _users(state, name):
            raise Refused("in_use", f"模板 {name} 正被规则 {', '.join(users)} 使用: 请先修改这些规则")
        return await remove(state, request, "template", name, reason, f"/settings/templates/{name}")


async def _users(state: State, template: str) -> list[str]:
    bodies = [d.state.facts for d in await settings_of(state).all("rule") if d.state is not None]
    return [facts["name"] for facts in bodies if facts.get("template") == template]
