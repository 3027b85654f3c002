"""HTTP of rules: what is shipped, what was saved here, which of the two holds, and what a rule would say."""

from collections.abc import Mapping
from dataclasses import asdict
from functools import cache

import msgspec
from litestar import Controller, Response, delete, get, post, put
from litestar.datastructures import State

from chassis.access import SETTERS
from chassis.asking import AnyRequest
from chassis.errors import Refused
from contracts.setting import AlertRule, MessageTemplate
from services.notify.preferences.holding import both, names, one, refuse
from services.notify.preferences.shared import LOOKING, Json, Reason, only_known, remove, save
from services.notify.rules import loading
from services.notify.rules.problems import problems_of


@cache
def packaged_rules() -> Mapping[str, AlertRule]:
    """The rules that are shipped, by name."""
    return {rule.name: rule for rule in loading.rules()}


class Sketch(msgspec.Struct):
    """Either of the two; `event` are facts in place of those of the sample."""

    rule: Json | None = None
    template: Json | None = None
    event: Json | None = None


class RuleController(Controller):
    """Rules of alerts (通知规则). A saved rule takes the place of the shipped one of its name."""

    path = "/settings/rules"
    tags = ("settings",)

    @get(roles=LOOKING, summary="通知规则列表")
    async def rules(self, state: State) -> list[Json]:
        """Shipped and saved ones by name; `holds` says which of the two counts."""
        return await both(state, "rule", packaged_rules())

    @get("/{name:str}", roles=LOOKING, summary="一条通知规则")
    async def rule(self, state: State, name: str) -> Json:
        return await one(state, "rule", packaged_rules(), name)

    @put("/{name:str}", roles=SETTERS, summary="保存通知规则")
    async def save_rule(self, state: State, request: AnyRequest, name: str, data: Json) -> Response[Json]:
        """In the form of rules.yaml; `name` in the address counts. What is wrong with it is said all at once."""
        body = AlertRule.model_validate({**only_known(AlertRule, data), "name": name})
        templates = await names(state, "template")
        refuse(problems_of(body, await _groups(state), templates))
        return await save(state, request, "rule", name, body, f"/settings/rules/{name}")

    @delete("/{name:str}", status_code=200, roles=SETTERS, summary="删除已保存的通知规则")
    async def remove_rule(self, state: State, request: AnyRequest, name: str, reason: Reason = "") -> Response[Json]:
        """The shipped rule holds again, where there is one."""
        return await remove(state, request, "rule", name, reason, f"/settings/rules/{name}")

    @post("/preview", status_code=200, roles=SETTERS, summary="预览规则或模板")
    async def preview(self, state: State, data: Sketch) -> Json:
        """What it would say of a sample, or of the facts given in `event`; nothing is saved or sent."""
        from services.notify.rules.preview import preview, preview_of_template  # not before somebody asks

        if data.rule is not None:
            rule = AlertRule.model_validate({"name": "preview", **data.rule})
            return asdict(preview(rule, data.event, await _groups(state)))
        if data.template is not None:
            template = MessageTemplate.model_validate({"name": "preview", **data.template})
            return asdict(preview_of_template(template, data.event))
        raise Refused("nothing_given", "请填写 rule 或 template 之一, 另可在 event 中填写样例内容")


async def _groups(state: State) -> set[str]:
    """Names of groups that a rule may tell."""
    return {key for key in await names(state, "recipient") if ":" not in key}
