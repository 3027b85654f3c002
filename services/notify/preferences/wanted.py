"""What a request asks for, made into the recipient that is to be saved. Pure."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from chassis.errors import NotFound, Refused
from contracts.setting import Endpoint, Recipient
from services.notify.preferences.addresses import BrowserSubscription, Wanted, endpoint, of_browser
from services.notify.preferences.model import Body

if TYPE_CHECKING:
    from chassis.vault import Vault

Json = dict[str, Any]
WEB_PUSH = "web_push"


def recipient(key: str, data: Json, had: Body | None, kinds: Mapping[str, str], vault: "Vault") -> Recipient:
    """The recipient that a PUT asks for. Raises Refused, and ValidationError of pydantic."""
    facts = dict(data)
    before = endpoints_of(had)
    try:
        asked = msgspec.convert(facts.pop("endpoints", None), list[Wanted] | None)
    except msgspec.ValidationError:
        raise Refused("bad_endpoints", "endpoints 应为 [{provider, address, at_least}]: 请看 /docs") from None
    endpoints = before if asked is None else tuple(endpoint(key, one, before, kinds, vault) for one in asked)
    return Recipient.model_validate({**facts, "key": key, "endpoints": endpoints})


def with_browser(
    key: str, subscription: BrowserSubscription, had: Body | None, ways: Sequence[str], kinds: Mapping[str, str],
    vault: "Vault",
) -> Recipient:  # fmt: skip
    """The recipient with this browser first. `ways` are those by which he is reached now: they stay, also where they
    are the directory's. Raises Refused.
    """
    provider = next((name for name, kind in kinds.items() if kind == WEB_PUSH), None)
    if provider is None:
        raise Refused("no_provider", "没有配置浏览器推送: 请运维在发送服务配置中加入 kind: web_push")
    browser = endpoint(key, Wanted(provider, of_browser(subscription)), (), kinds, vault)
    before = had if isinstance(had, Recipient) else Recipient(key=key)
    others = before.endpoints or tuple(Endpoint(provider=way) for way in ways)
    kept = tuple(one for one in others if one.provider != provider)
    return before.model_copy(update={"endpoints": (browser, *kept)})


def without(had: Body, provider: str) -> Recipient:
    """The recipient without this endpoint. Raises NotFound."""
    assert isinstance(had, Recipient)
    kept = tuple(one for one in had.endpoints if one.provider != provider)
    if len(kept) == len(had.endpoints):
        raise NotFound("not_found", f"{had.key} 没有登记发送服务 {provider} 的地址: 请刷新后核对")
    return had.model_copy(update={"endpoints": kept})


def endpoints_of(had: Body | None) -> tuple[Endpoint, ...]:
    return had.endpoints if isinstance(had, Recipient) else ()


def check(body: Recipient, calendars: Callable[[], Sequence[str]]) -> None:
    """Raises Refused for quiet hours by a calendar that there is not; `calendars` is asked only where one is named."""
    name = body.quiet.calendar if body.quiet else ""
    if name and name not in (known := calendars()):
        raise Refused("no_calendar", f"没有营业日历 {name}: 可用 {', '.join(known)}")
