"""Everybody's own page (我的账户): password, second factor, recovery codes, and where one is signed in."""

from typing import Any, Final

from litestar import Response, get, post
from litestar.datastructures import State
from litestar.response import Template
from litestar.types import ControllerRouterHandler

from chassis.access import EVERYBODY
from chassis.asking import AnyRequest
from chassis.auditing import noted
from chassis.errors import Refused
from services.console.accounts import passwords
from services.console.accounts.model import Account
from services.console.accounts.start import account_desk, accounts_of
from services.console.signin import entering, tries
from services.console.signin.codes import Codes, qr, recovery_codes
from services.console.signin.session import hold, sessions_of, visitor_in
from services.console.web.page import page, see_other

Answer = Response[Any] | Template


@get("/me", roles=EVERYBODY, include_in_schema=False)
async def me(state: State, request: AnyRequest) -> Template:
    account = await _account(state, request)
    sessions = await sessions_of(state).of(account.account, account.epoch)
    return page(request, "me.html", "我的账户", account=account, sessions=sessions, this=visitor_in(request).session_id)


@get("/me/password", roles=EVERYBODY, include_in_schema=False)
async def ask_for_password(request: AnyRequest) -> Template:
    return _password_form(request)


@post("/me/password", roles=EVERYBODY, include_in_schema=False, status_code=200)
async def change_password(state: State, request: AnyRequest) -> Answer:
    """All sessions end but this one, which goes on under a new name."""
    form, account = await request.form(), await _account(state, request)
    new = str(form.get("new", ""))
    try:
        if new != str(form.get("again", "")):
            raise Refused("differs", "两次输入的新密码不一样: 请重新输入")
        await entering.confirm(request, account, str(form.get("password", "")))
        if await passwords.matches(account.password, new):
            raise Refused("same", "新密码与原密码相同: 请换一个")
        await account_desk(request).set_password(account.account, new)
    except Refused as error:
        return _password_form(request, str(error))
    return await _on(state, request, "/me", "密码已修改")


@get("/me/second-factor", roles=EVERYBODY, include_in_schema=False)
async def ask_for_factor(state: State, request: AnyRequest) -> Template:
    """A new secret each time: nothing is kept before its code was typed."""
    account = await _account(state, request)
    return _factor_form(state, request, account, _codes(state).new_secret(account.account))


@post("/me/second-factor", roles=EVERYBODY, include_in_schema=False, status_code=200)
async def set_factor(state: State, request: AnyRequest) -> Answer:
    """The recovery codes, which are shown once."""
    form, account = await request.form(), await _account(state, request)
    sealed, code = str(form.get("sealed", "")), "".join(str(form.get("code", "")).split())
    try:
        await entering.confirm(request, account, str(form.get("password", "")))
        if not await tries.is_fresh(request, account.account, sealed, code):
            raise Refused("wrong_code", "动态口令不正确: 请核对手机时间, 等下一个口令再试")
        recovery = recovery_codes()
        hashes = tuple(_codes(state).hash(account.account, one) for one in recovery)
        await account_desk(request).set_factor(account.account, sealed, hashes)
    except Refused as error:
        return _factor_form(state, request, account, _codes(state).new_secret(account.account), str(error))
    return page(request, "recovery.html", "恢复码", recovery=recovery)


@post("/me/second-factor/remove", roles=EVERYBODY, include_in_schema=False, status_code=200)
async def remove_factor(state: State, request: AnyRequest) -> Answer:
    account = await _account(state, request)
    await entering.confirm(request, account, str((await request.form()).get("password", "")))
    await account_desk(request).remove_factor(account.account)
    return await _on(state, request, "/me", "动态口令已取消")


@post("/me/sessions/end", roles=EVERYBODY, include_in_schema=False, status_code=200)
async def end_session(state: State, request: AnyRequest) -> Answer:
    session = str((await request.form()).get("session", ""))
    account = visitor_in(request).principal.account
    await sessions_of(state).end(session, account)
    await noted(state.service, request, "signed_out", account, detail="在另一处结束")
    return see_other(request, "/me", "已退出该处登录")


async def _account(state: State, request: AnyRequest) -> Account:
    found = await accounts_of(state).find(visitor_in(request).principal.account)
    assert found is not None, "who has a session has an account"
    return found


async def _on(state: State, request: AnyRequest, path: str, notice: str) -> Response[Any]:
    """His sessions have ended, and another takes the place of this one."""
    visitor, account = visitor_in(request), await _account(state, request)
    await sessions_of(state).end(visitor.session_id, account.account)
    answer = see_other(request, path, notice)
    hold(request, answer, await entering.begin(request, account))
    return answer


def _password_form(request: AnyRequest, told: str = "") -> Template:
    status = 409 if told else 200
    return page(request, "password.html", "修改密码", status, told=told, shortest=passwords.SHORTEST)


def _factor_form(state: State, request: AnyRequest, account: Account, sealed: str, told: str = "") -> Template:
    codes, status = _codes(state), 409 if told else 200
    return page(
        request, "second-factor.html", "动态口令", status, told=told, sealed=sealed, account=account,
        picture=qr(codes.uri(account.account, sealed)), secret=codes.open(account.account, sealed),
    )  # fmt: skip


def _codes(state: State) -> Codes:
    found: Codes = state.service.state["codes"]
    return found


ROUTES: Final[list[ControllerRouterHandler]] = [
    me, ask_for_password, change_password, ask_for_factor, set_factor, remove_factor, end_session,
]  # fmt: skip
