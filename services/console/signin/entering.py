"""How somebody comes in: each try is counted before it is checked, and noted for the audit whatever comes of it.

Who is unknown, is refused in the same words, after the same work, and is locked out like anybody else.
"""

from contextlib import suppress
from datetime import UTC, datetime

from pydantic import ValidationError

from chassis.asking import AnyRequest
from chassis.auditing import address_of, noted
from chassis.errors import Refused
from contracts.envelope import Actor
from contracts.identity import Rights, Role
from services.console.accounts import passwords
from services.console.accounts.desk import AccountDesk
from services.console.accounts.model import Account
from services.console.accounts.start import account_desk, accounts_of
from services.console.accounts.store import Accounts
from services.console.metrics import SIGN_INS
from services.console.signin import tries
from services.console.signin.codes import Codes
from services.console.signin.office import Person
from services.console.signin.session import sessions_of, settings_of


async def by_password(request: AnyRequest, typed: str, password: str) -> Account:
    """Raises NotAdmitted. An account with a second factor is not in yet: see `by_code`."""
    last = await tries.count(request, typed)
    account = await accounts_of(request.app.state).find(typed)
    if not await passwords.matches(account.password if account else "", password) or account is None:
        raise await tries.failed(request, account, last, "账号或密码不正确: 请核对后重试")
    if account.disabled:
        raise await tries.failed(request, account, last, "账户已停用: 请联系管理员")
    if account.expires_at is not None and account.expires_at <= datetime.now(UTC):
        raise await tries.failed(request, account, last, "一次性密码已过期: 请联系管理员重置")
    await tries.good(request)
    return account


async def by_code(request: AnyRequest, step: str, typed: str) -> tuple[Account, str]:
    """The code after the password that `step` remembers, and where to go then. Raises NotAdmitted."""
    state, code = request.app.state, "".join(typed.split())
    facts = await sessions_of(state).step(step) or {}
    account = await accounts_of(state).find(str(facts.get("account", "")))
    if account is None or account.disabled or account.epoch != facts.get("epoch"):
        raise tries.NotAdmitted("over", "登录已超时: 请重新输入账号和密码")
    last = await tries.count(request, account.account)
    if not await _is_good(request, account, code):
        raise await tries.failed(request, account, last, "动态口令不正确: 请等手机显示下一个再试")
    await tries.good(request)
    await sessions_of(state).end_step(step)
    return account, str(facts.get("next", "/"))


async def by_office(request: AnyRequest, person: Person) -> Account:
    """Whom the office's own server knows; linked at the first time, so that a name given anew is nobody else's door.

    Raises NotAdmitted.
    """
    accounts, actor = accounts_of(request.app.state), Actor(kind="staff", id=person.account, name=person.name)
    desk = account_desk(request, actor)
    account = await accounts.by_subject(person.subject) or await accounts.find(person.account)
    role = settings_of(request.app.state).console_oidc_role
    if account is None and role:
        account = await _opened(desk, person, _rights(role), accounts)
    if account is None or account.disabled or not _is_his(account, person):
        raise await tries.failed(request, account, False, "统一身份认证的用户在服务台没有可用账户: 请联系管理员")
    if not account.subject:
        await desk.link(account.account, person.subject)
    return account


def _is_his(account: Account, person: Person) -> bool:
    """Linked before, or opened for the office's sign-in alone: a name there takes over no account with a password."""
    return account.subject == person.subject or not (account.subject or account.password)


async def begin(request: AnyRequest, account: Account, office: bool = False) -> str:
    """He is in: what his browser is to hold."""
    state, agent = request.app.state, request.headers.get("User-Agent", "")
    actor = Actor(kind="staff", id=account.account, name=account.name)
    detail = "统一身份认证" if office else "密码和动态口令" if account.factor else "密码"
    institution = next(iter(account.institutions), "")
    await noted(
        state.service, request, "signed_in", account.account, actor=actor, detail=detail, institution=institution
    )
    await tries.forget(request, account.account)
    SIGN_INS.labels("signed_in").inc()
    return await sessions_of(state).begin(account.account, account.epoch, address_of(request), agent, office)


async def confirm(request: AnyRequest, account: Account, password: str) -> None:
    """Whether it is still he: who finds an open browser cannot take the account over, nor try his passwords.

    Raises NotAdmitted; Refused for an account of the office's sign-in, which nobody makes one with a password here.
    """
    if not account.password:
        raise Refused("by_office", "本账户由统一身份认证登录, 不在这里设密码和动态口令")
    last = await tries.count(request, account.account)
    if not await passwords.matches(account.password, password):
        raise await tries.failed(request, account, last, "当前密码不正确: 请重新输入")
    await tries.good(request)
    await tries.forget(request, account.account)


async def _opened(desk: AccountDesk, person: Person, rights: Rights, accounts: Accounts) -> Account | None:
    """None where he cannot be called so, or not have these rights."""
    with suppress(ValidationError, Refused):
        await desk.open(person.account, person.name, rights, password=False, subject=person.subject)
    return await accounts.find(person.account)


async def _is_good(request: AnyRequest, account: Account, code: str) -> bool:
    if await tries.is_fresh(request, account.account, account.factor, code):
        return True
    codes: Codes = request.app.state.service.state["codes"]
    recovery = codes.hash(account.account, code)
    if recovery not in account.recovery:
        return False
    try:
        actor = Actor(kind="staff", id=account.account, name=account.name)
        await account_desk(request, actor).use_recovery(account.account, recovery)
    except Refused:
        return False
    return True


def _rights(role: str) -> Rights:
    named: Role = role  # type: ignore[assignment]
    return Rights(role=named)
