"""Accounts: who may sign in, as what; passwords and keys that are made are shown once and kept nowhere."""

from datetime import UTC, datetime
from typing import Any, Final

from litestar import Response, get, post
from litestar.datastructures import State
from litestar.response import Template
from litestar.types import ControllerRouterHandler
from pydantic import ValidationError

from chassis.access import Roles
from chassis.errors import NotFound
from services.console.accounts.model import Account
from services.console.accounts.start import account_desk, accounts_of
from services.console.asking import Answered
from services.console.pages.admin import view
from services.console.web.forms import Form
from services.console.web.page import AnyRequest, page, see_other

KEEPERS: Final[Roles] = frozenset({"admin"})
_LIST: Final = "/admin/accounts"


@get(_LIST, roles=KEEPERS, include_in_schema=False)
async def accounts(request: AnyRequest, state: State, q: str = "", role: str = "") -> Template:
    found = [document.state for document in await accounts_of(state).all() if document.state is not None]
    wanted = [one for one in found if role in ("", one.role) and q.lower() in f"{one.account} {one.name}".lower()]
    return page(request, "admin/accounts.html", "账户", found=wanted, q=q, role=role, roles=view.ROLES, all=len(found))


@post(_LIST, roles=KEEPERS, include_in_schema=False, status_code=200)
async def add(request: AnyRequest, data: Form) -> Template:
    """The page with the password for the first sign-in."""
    account, name = data.get("account", "").strip(), data.get("name", "").strip()
    try:
        rights = view.rights_of(*(data.get(field, "") for field in ("role", "institutions", "districts")))
        made = await account_desk(request).open(account, name, rights, password=not data.get("office"))
    except ValidationError:
        raise Answered(400, "账号应为小写字母、数字、点、横线 (2 到 60 位), 姓名不能为空: 请核对") from None
    return _once(request, account, "首次登录密码", made, "首次登录后须修改; 72 小时内有效")


@get(_LIST + "/{account:str}", roles=KEEPERS, include_in_schema=False)
async def account(request: AnyRequest, state: State, account: str) -> Template:
    found = await _find(state, account)
    now = datetime.now(UTC)
    keys = [(key, view.is_over(key.expires_at, now)) for key in found.keys]
    own = account == request.scope["state"]["principal"].account
    return page(request, "admin/account.html", f"账户 {account}", one=found, keys=keys, roles=view.ROLES, own=own)


@post(_LIST + "/{account:str}/rights", roles=KEEPERS, include_in_schema=False)
async def rights(request: AnyRequest, account: str, data: Form) -> Response[Any]:
    try:
        wanted = view.rights_of(*(data.get(field, "") for field in ("role", "institutions", "districts")))
        await account_desk(request).change_rights(account, data.get("name", "").strip(), wanted)
    except ValidationError:
        raise Answered(400, "身份或姓名不正确: 请核对后再保存") from None
    return see_other(request, f"{_LIST}/{account}", "已修改权限: 对方需重新登录")


@post(_LIST + "/{account:str}/password", roles=KEEPERS, include_in_schema=False, status_code=200)
async def password(request: AnyRequest, account: str) -> Template:
    made = await account_desk(request).reset_password(account)
    return _once(request, account, "一次性密码", made, "下次登录后须修改; 72 小时内有效, 原密码和已有登录已失效")


@post(_LIST + "/{account:str}/keys", roles=KEEPERS, include_in_schema=False, status_code=200)
async def add_key(request: AnyRequest, account: str, data: Form) -> Template:
    try:
        ends = view.end_of(data.get("until", "").strip())
    except (ValueError, OverflowError):
        raise Answered(400, "有效期不正确: 请重新选择日期") from None
    try:
        made = await account_desk(request).issue_key(account, data.get("label", "").strip(), ends)
    except ValidationError:
        raise Answered(400, "请写明密钥的用途 (100 字以内)") from None
    return _once(request, account, "接口密钥", made, "交给对接系统保管; 用 POST /token 换取五分钟令牌")


@post(_LIST + "/{account:str}/keys/{key:str}/revoke", roles=KEEPERS, include_in_schema=False)
async def revoke_key(request: AnyRequest, account: str, key: str) -> Response[Any]:
    await account_desk(request).revoke_key(account, key)
    return see_other(request, f"{_LIST}/{account}", "已吊销密钥")


@post(_LIST + "/{account:str}/factor/remove", roles=KEEPERS, include_in_schema=False)
async def remove_factor(request: AnyRequest, account: str) -> Response[Any]:
    await account_desk(request).remove_factor(account)
    return see_other(request, f"{_LIST}/{account}", "已取消动态口令: 请提醒本人重新设置")


@post(_LIST + "/{account:str}/disable", roles=KEEPERS, include_in_schema=False)
async def disable(request: AnyRequest, account: str, data: Form) -> Response[Any]:
    await account_desk(request).disable(account, data.get("reason", "")[:200])
    return see_other(request, f"{_LIST}/{account}", "已停用: 其登录和密钥立即失效")


@post(_LIST + "/{account:str}/enable", roles=KEEPERS, include_in_schema=False)
async def enable(request: AnyRequest, account: str) -> Response[Any]:
    await account_desk(request).enable(account)
    return see_other(request, f"{_LIST}/{account}", "已启用")


async def _find(state: State, account: str) -> Account:
    if (found := await accounts_of(state).find(account)) is None:
        raise NotFound("not_found", f"没有账户 {account}: 请从列表中选择")
    return found


def _once(request: AnyRequest, account: str, what: str, made: str, hint: str) -> Template:
    return page(request, "admin/once.html", what, account=account, what=what, made=made, hint=hint)


ROUTES: Final[list[ControllerRouterHandler]] = [
    accounts, add, account, rights, password, add_key, revoke_key, remove_factor, disable, enable
]  # fmt: skip
