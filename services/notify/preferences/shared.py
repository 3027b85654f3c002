"""What the routes of settings share: what was built at the start, a setting as staff see it, and who may change it."""

from collections.abc import Collection, Mapping
from typing import Annotated, Any, cast

from litestar import Response
from litestar.datastructures import State
from litestar.params import Parameter

from chassis.access import DESK, EVERYBODY, SETTERS, Roles, principal_of
from chassis.asking import AnyRequest, expected, stamp
from chassis.auditing import noted
from chassis.errors import NotFound, Refused
from chassis.http import carry_out
from chassis.store import Document
from chassis.vault import Vault
from contracts.setting import Recipient, RemoveSetting, SaveSetting, SettingKind
from services.notify.people.calendars import Calendars
from services.notify.people.picture import People
from services.notify.preferences.fold import problem_of
from services.notify.preferences.model import Body, Setting, setting_id
from services.notify.preferences.store import SettingStore

Json = dict[str, Any]
Limit = Annotated[int, Parameter(ge=1, le=1_000)]
Reason = Annotated[str, Parameter(max_length=500)]
_STAFF = "staff:"
_KINDS: Mapping[SettingKind, str] = {
    "recipient": "收件人", "rule": "通知规则", "template": "通知模板", "silence": "静默",
}  # fmt: skip
LOOKING: Roles = DESK | SETTERS | {"auditor"}
"""Who looks at rules and templates."""
PERSONS: Roles = EVERYBODY - {"auditor", "hospital"}
"""Who sets how alerts reach him."""
_ADDED = ("version", "saved_at", "saved_by")


def settings_of(state: State) -> SettingStore:
    return cast(SettingStore, state.service.state["setting_store"])


def people_of(state: State) -> People:
    return cast(People, state.service.state["people"])


def calendars_of(state: State) -> Calendars:
    return cast(Calendars, state.service.state["calendars"])


def vault_of(state: State) -> Vault:
    return cast(Vault, state.service.state["vault"])


def providers_of(state: State) -> Mapping[str, str]:
    """The kinds of the configured providers by name, in the file's order."""
    return cast(Mapping[str, str], state.service.state["provider_kinds"])


def only_known(model: type[Body], data: Json, shown: Collection[str] = ()) -> Json:
    """The facts of a request without those that answers add to them. Raises Refused for a field that there is not:
    a misspelt wish must not be lost in silence.
    """
    if unknown := sorted(set(data) - set(model.model_fields) - set(shown) - set(_ADDED)):
        raise Refused("unknown_field", f"不认识字段 {', '.join(unknown)}: 请改正拼写或删去, 可用的字段见 /docs")
    return {name: value for name, value in data.items() if name in model.model_fields}


def facts_of(document: Document[Setting]) -> Json:
    """A setting with its version, which `If-Match` compares with, and who saved it."""
    setting = document.state
    assert setting is not None
    return {**setting.facts, "version": document.version, "saved_at": setting.saved_at, "saved_by": setting.saved_by}


async def find(state: State, kind: SettingKind, key: str) -> Document[Setting]:
    """Raises NotFound."""
    if (found := await settings_of(state).one(kind, key)) is None:
        raise NotFound("not_found", f"没有设置 {key}: 请核对名称, 或先新建")
    return found


def check_may(request: AnyRequest, key: str, others: Roles = SETTERS) -> None:
    """Somebody's own preferences are for himself to change; all others, also those of groups, for leads and admins.

    Raises NotFound: who has set something is not for everybody to know.
    """
    who = principal_of(request)
    if key != f"{_STAFF}{who.account}" and who.role not in others:
        raise NotFound("not_found", f"没有可以使用的通知设置 {key}: 只能查看和修改本人的, 其他请联系组长")


def check_subscribing(request: AnyRequest, body: Recipient) -> None:
    """Subscriptions bring alerts about any case. Raises Refused for who may not read all of them."""
    if body.subscriptions and principal_of(request).role not in DESK:
        raise Refused("not_yours", "只有服务台工程师可以订阅其他通知: 请去掉 subscriptions")


async def save(
    state: State, request: AnyRequest, kind: SettingKind, key: str, body: Body, where: str, version: int | None = None
) -> Response[Json]:
    """Carry out the wish. `version` is what was read before it was changed, where the caller named none."""
    if problem := problem_of(body):
        raise Refused("not_consistent", problem)
    match = expected(request)
    facts = {**stamp(request, "save", setting_id(kind, key)), kind: body}
    command = SaveSetting(**facts, expected_version=version if match is None else match)
    await _note(state, request, kind, key, "保存")
    return await carry_out(state.service, command, where)


async def remove(
    state: State, request: AnyRequest, kind: SettingKind, key: str, reason: str, where: str
) -> Response[Json]:
    facts = {**stamp(request, "remove", setting_id(kind, key)), "kind": kind, "key": key, "reason": reason}
    await _note(state, request, kind, key, "删除")
    return await carry_out(state.service, RemoveSetting(**facts, expected_version=expected(request)), where)


async def _note(state: State, request: AnyRequest, kind: SettingKind, key: str, what: str) -> None:
    """Who says where alerts go could have them sent to himself: the audit has it, but for his own settings."""
    if key != f"{_STAFF}{principal_of(request).account}":
        await noted(state.service, request, "settings_changed", f"{kind} {key}", detail=f"{what}{_KINDS[kind]}")


def with_note(answer: Response[Json], **notes: Any) -> Response[Json]:
    """The same answer that says more, where the wish was carried out."""
    if answer.status_code in (200, 202):
        answer.content = {**answer.content, **notes}
    return answer
