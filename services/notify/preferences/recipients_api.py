"""HTTP of preferences: who is reached how and when. Addresses come in in clear and never go out."""

from typing import Any, Final

import msgspec
from litestar import Controller, Response, delete, get, post, put
from litestar.datastructures import State

from chassis.access import SETTERS, Roles, principal_of
from chassis.asking import AnyRequest, stamp
from chassis.errors import NotFound, Refused
from chassis.http import carry_out
from contracts.envelope import derive_id
from contracts.notify import PostNotice
from contracts.setting import Recipient
from services.notify.preferences import wanted
from services.notify.preferences.addresses import BrowserSubscription
from services.notify.preferences.holding import refuse
from services.notify.preferences.shared import (
    PERSONS,
    Json,
    Limit,
    Reason,
    calendars_of,
    check_may,
    check_subscribing,
    facts_of,
    find,
    only_known,
    people_of,
    providers_of,
    remove,
    save,
    settings_of,
    vault_of,
    with_note,
)
from services.notify.rules import sense

MUST_DELIVER: Final = (
    "标为必达 (must_deliver) 的通知不受免打扰、摘要、各地址的 at_least 和本人的条数上限 (at_most) 影响, 立即发送; "
    "只有服务台的总上限 (YIBAO_NOTIFY_LIMIT) 对所有通知有效: 超出的在五分钟内并入一条摘要发送"
)
REMOVED: Final = "不再向原地址发送; 事件记录中仍留有加密后的地址, 没有服务台密钥无法读取"
_LISTING: Final[Roles] = SETTERS | {"auditor"}
FOR_TRYING: Final = "test"
"""The rule of a message that somebody sends to try an endpoint."""


class Tried(msgspec.Struct):
    """`provider` is the one to try; without it the first."""

    provider: str = ""


class RecipientController(Controller):
    """Recipients (收件人): endpoints, quiet hours, digests, limits, subscriptions."""

    path = "/settings/recipients"
    tags = ("settings",)

    @get(roles=_LISTING, summary="收件人列表")
    async def recipients(self, state: State, limit: Limit = 200) -> list[Json]:
        """Everybody who has set something, by key."""
        found = await settings_of(state).all("recipient", limit)
        return [_shown(state, facts_of(d)) for d in found]

    @get("/{key:str}", roles=PERSONS | _LISTING, summary="一个收件人的通知设置")
    async def recipient(self, state: State, request: AnyRequest, key: str) -> Json:
        """Who has set nothing has the defaults, with version 0. `reached_by` is how an urgent alert goes out now."""
        check_may(request, key, _LISTING)
        saved = await settings_of(state).one("recipient", key)
        known = key == f"staff:{principal_of(request).account}" or people_of(state).entries.person(key) is not None
        if saved is None and not known:
            raise NotFound("not_found", f"没有收件人 {key}: 请核对编号, 或用 PUT 新建")
        return _shown(state, facts_of(saved) if saved else _unset(key))

    @put("/{key:str}", roles=PERSONS, summary="保存收件人的通知设置")
    async def save_recipient(self, state: State, request: AnyRequest, key: str, data: Json) -> Response[Json]:
        """Create or replace. `endpoints` are tried in this order; each has a provider and, where it is new, an address
        in clear, which is sealed before it is stored. Left out, endpoints stay as they are.
        """
        check_may(request, key)
        before = await settings_of(state).one("recipient", key)
        had = before.state.body if before is not None and before.state is not None else None
        facts = only_known(Recipient, data, ("reached_by", "note", "providers"))
        body = wanted.recipient(key, facts, had, providers_of(state), vault_of(state))
        wanted.check(body, calendars_of(state).names)
        check_subscribing(request, body)
        refuse(sense.of_matchers(m for wish in body.subscriptions for m in wish.labels))
        # What was read has to hold still: addresses that are not named again are taken over from it.
        version = before.version if before is not None else 0
        answer = await save(state, request, "recipient", key, body, f"/settings/recipients/{key}", version)
        return with_note(answer, note=MUST_DELIVER)

    @delete("/{key:str}", status_code=200, roles=PERSONS, summary="删除收件人的通知设置")
    async def remove_recipient(
        self, state: State, request: AnyRequest, key: str, reason: Reason = ""
    ) -> Response[Json]:
        """Back to the defaults; nothing is sent to the addresses any more. The event log keeps them, encrypted."""
        check_may(request, key)
        answer = await remove(state, request, "recipient", key, reason, f"/settings/recipients/{key}")
        return with_note(answer, note=REMOVED)

    @delete("/{key:str}/endpoints/{provider:str}", status_code=200, roles=PERSONS, summary="删除收件人的一个地址")
    async def remove_endpoint(self, state: State, request: AnyRequest, key: str, provider: str) -> Response[Json]:
        """One way less; who has none left is reached by what the directory knows."""
        check_may(request, key)
        before = await find(state, "recipient", key)
        assert before.state is not None
        body = wanted.without(before.state.body, provider)
        answer = await save(state, request, "recipient", key, body, f"/settings/recipients/{key}", before.version)
        return with_note(answer, note=REMOVED)


@post("/recipients/{key:str}/web-push", tags=["settings"], status_code=200, roles=PERSONS, summary="登记浏览器推送")
async def add_browser(state: State, request: AnyRequest, key: str, data: BrowserSubscription) -> Response[Json]:
    """A browser's subscription becomes the first endpoint; it takes the place of another browser."""
    people = people_of(state)
    check_may(request, key)
    before = await settings_of(state).one("recipient", key)
    had = before.state.body if before is not None and before.state is not None else None
    ways = people.endpoints(key, "urgent", providers_of(state))
    body = wanted.with_browser(key, data, had, ways, providers_of(state), vault_of(state))
    version = before.version if before is not None else 0
    answer = await save(state, request, "recipient", key, body, f"/settings/recipients/{key}", version)
    return with_note(answer, note="此浏览器排在第一位, 此前登记的浏览器不再接收; 顺序可在通知设置中调整")


@post("/recipients/{key:str}/test", tags=["settings"], status_code=200, roles=PERSONS, summary="发送测试通知")
async def try_out(state: State, request: AnyRequest, key: str, data: Tried | None = None) -> Response[Json]:
    """A message by one endpoint, also in quiet hours; `url` says what became of it."""
    check_may(request, key)
    stamped = stamp(request, "test", key, data.provider if data else "")
    ways = people_of(state).endpoints(key, "urgent", providers_of(state))
    provider = (data.provider if data else "") or next(iter(ways), "")
    if provider not in ways or not provider:
        known = f"可用 {', '.join(ways)}" if ways else "请先在通知设置中登记地址"
        raise Refused("no_endpoint", f"{key} 不能用发送服务 {provider or '(无)'} 接收: {known}")
    facts: dict[str, Any] = {"rule": FOR_TRYING, "to": (key,), "only": provider, "title": "测试通知"}
    alert_id = derive_id("test", stamped["id"])
    who = _sender(state, stamped["actor"].id)
    body = f"这是由 {who} 发送的测试, 收到即表示“{provider}”可以正常接收通知, 无需处理。"
    command = PostNotice(**stamped, **facts, alert_id=alert_id, body=body)
    answer = await carry_out(state.service, command, f"/alerts/{alert_id}")
    return with_note(answer, alert_id=str(alert_id), provider=provider, url=f"/alerts/{alert_id}")


def _sender(state: State, id_: str) -> str:
    """Only who is in the directory is named to others."""
    return id_ if people_of(state).entries.person(f"staff:{id_}") else "服务台"


def _unset(key: str) -> Json:
    return {**Recipient(key=key).model_dump(mode="json"), "version": 0}


def _shown(state: State, facts: Json) -> Json:
    """No address in clear, nor sealed."""
    people, kinds, key = people_of(state), providers_of(state), facts["key"]
    endpoints = [
        {
            "provider": e["provider"], "kind": kinds.get(e["provider"], ""), "shown": e["shown"],
            "at_least": e["at_least"], "has_address": bool(e["sealed"]), "configured": e["provider"] in kinds,
        }
        for e in facts["endpoints"]
    ]  # fmt: skip
    reached_by = people.endpoints(key, "urgent", kinds)
    more = {"reached_by": reached_by, "providers": dict(kinds), "note": MUST_DELIVER}
    return {**facts, "name": people.name(key), "endpoints": endpoints, **more}
