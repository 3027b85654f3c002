"""Addresses as people write them: checked, masked for showing, sealed for keeping; in clear no further. Pure."""

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from chassis.errors import Refused
from contracts.notify import Urgency
from contracts.setting import Endpoint
from services.notify.people.reach import sealed

if TYPE_CHECKING:
    from chassis.vault import Vault

MOST_CHARACTERS = 4_000
_PHONE = re.compile(r"\+?[0-9][0-9\s\-]{5,19}")
_MAILBOX = re.compile(r"[^\s@<>,;]{1,64}@[^\s@<>,;]{1,190}", re.ASCII)
_URL = re.compile(r"https?://[^\s/]+\S*", re.ASCII)
_PATH = re.compile(r"/\S*", re.ASCII)
_MEMBER = re.compile(r"@?[\w-]{1,64}", re.ASCII)
_BETWEEN = re.compile(r"[\s,;，；]+")
_EVERYBODY, _BROWSER = "@all", "浏览器"


class Wanted(msgspec.Struct):
    """An endpoint as a request says it: without `address` it is the one that was saved, or the directory's."""

    provider: str
    address: str | None = None
    at_least: Urgency = "low"


class Keys(msgspec.Struct):
    p256dh: str
    auth: str


class BrowserSubscription(msgspec.Struct):
    """`PushSubscription.toJSON()` of a browser."""

    endpoint: str
    keys: Keys


def endpoint(
    key: str, wanted: Wanted, had: Sequence[Endpoint], kinds: Mapping[str, str], vault: "Vault"
) -> Endpoint:  # fmt: skip
    """As it may be stored. Raises Refused for a provider that is not configured, and for an address it cannot use."""
    if (kind := kinds.get(wanted.provider)) is None:
        known = ", ".join(kinds) or "(未配置任何发送服务)"
        raise Refused("no_provider", f"没有配置发送服务 {wanted.provider}: 可用 {known}")
    if wanted.address is None:
        before = next((e for e in had if e.provider == wanted.provider), Endpoint(provider=wanted.provider))
        return before.model_copy(update={"at_least": wanted.at_least})
    address = wanted.address.strip()
    if fault := fault_of(kind, address):
        raise Refused("bad_address", f"{wanted.provider}: {fault}")
    return Endpoint(
        provider=wanted.provider,
        sealed=sealed(vault, key, wanted.provider, address) if address else "",
        shown=shown(kind, address),
        at_least=wanted.at_least,
    )


def fault_of(kind: str, address: str) -> str:
    """What is wrong with an address for this kind of provider; empty when nothing is."""
    if len(address) > MOST_CHARACTERS or not address.isprintable():
        return f"地址过长 (至多 {MOST_CHARACTERS} 字) 或含控制字符: 请重新填写"
    match kind:
        case "sms" if not _PHONE.fullmatch(address):
            return "应为手机号码: 请填写数字, 例如 138 开头的 11 位"
        case "email" if not _MAILBOX.fullmatch(address):
            return "应为邮箱地址: 请检查 @ 前后, 一次只填一个"
        case "webhook" if address and not (_URL.fullmatch(address) or _PATH.fullmatch(address)):
            return "应为网址: 请以 https:// 开头, 或填写 base_url 之下以 / 开头的路径"
        case "webhook" if "@" in re.split(r"[/?#]", address.partition("://")[2], maxsplit=1)[0]:
            return "网址中不能带账号口令: 请删去 @ 及其前面的部分, 口令写在发送服务的配置中"
        case "feishu" if not all(_MEMBER.fullmatch(who) for who in _BETWEEN.split(address) if who):
            return "应为飞书成员的 open_id, 或 @all: 请用逗号或空格隔开, 没有要提醒的人可留空"
        case "wecom_app" if not address:
            return "缺少企业微信账号 (userid): 请填写成员在企业微信通讯录中的账号"
        case "web_push" if not _is_subscription(address):
            return "应为浏览器的推送订阅: 请在收件箱页面点“打开桌面通知”"
    return ""


def shown(kind: str, address: str) -> str:
    """Masked by kind: enough to recognise one's own address, not enough to use it."""
    match kind:
        case "web_push":
            host = re.match(r"https?://([^/:?#]+)", _read(address).get("endpoint", ""))
            return f"{_BROWSER} ({host[1]})" if host else _BROWSER
        case "webhook":
            # A path or a query may well be the secret.
            server = re.match(r"(?:https?://)?(?:[^/@?#]*@)?([^/@?#]*)", address)
            scheme = address.partition("://")[0] + "://" if "://" in address else ""
            return f"{scheme}{server[1] if server else ''}/***" if address else ""
        case "sms":
            digits = re.sub(r"\D", "", address)
            return f"{digits[:2]}***{digits[-2:]}"
        case "email":
            return f"{address[:1]}***@{address.partition('@')[2]}"
    return " ".join(word if word == _EVERYBODY else _inside(word) for word in _BETWEEN.split(address) if word)


def _inside(text: str) -> str:
    """Its first and last character, as long as that is less than all of it."""
    return f"{text[0]}***{text[-1]}" if text[2:] else "***"


def of_browser(subscription: BrowserSubscription) -> str:
    """The address of a browser, as the transport reads it."""
    return msgspec.json.encode(subscription).decode()


def _is_subscription(address: str) -> bool:
    try:
        found = msgspec.json.decode(address, type=BrowserSubscription)
    except msgspec.DecodeError:
        return False
    return bool(_URL.fullmatch(found.endpoint)) and bool(found.keys.p256dh) and bool(found.keys.auth)


def _read(address: str) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(address)
    except msgspec.DecodeError:
        return {}
    return found if isinstance(found, dict) else {}
