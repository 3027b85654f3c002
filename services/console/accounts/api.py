"""All HTTP of accounts that is not a page: machines change their key for a token, and ask the services with it."""

from datetime import UTC, datetime, timedelta
from typing import Final, Literal

import msgspec
from litestar import post
from litestar.datastructures import State
from litestar.exceptions import NotAuthorizedException, TooManyRequestsException
from litestar.types import ControllerRouterHandler

from chassis.access import ANYBODY
from chassis.asking import AnyRequest
from chassis.auditing import address_of, noted
from chassis.problems import HANDLERS
from chassis.token import LIVES_S, Principal, Signer, bearer
from contracts.envelope import Actor
from services.console.accounts import keys
from services.console.accounts.start import accounts_of
from services.console.attempts.store import Attempts
from services.console.web.pace import Pace

_TRIES: Final = 30


class Asked(msgspec.Struct, frozen=True):
    """For which service; the console itself has pages only, which are for people."""

    service: Literal["intake", "sla", "stats", "notify", "knowledge"]


class Token(msgspec.Struct, frozen=True):
    token: str
    expires_in: int


@post(
    "/token", roles=ANYBODY, status_code=200, exclude_from_csrf=True, exception_handlers=HANDLERS, tags=["token"],
    summary="用接口密钥换取令牌", request_max_body_size=16_384,
)  # fmt: skip
async def token(state: State, request: AnyRequest, data: Asked) -> Token:
    """`Authorization: Bearer ybk_…`; the token is taken by that one service, for `expires_in` seconds."""
    attempts: Attempts = state.service.state["attempts"]
    address = f"key from {address_of(request)}"
    pace: Pace = state.service.state["pace"]
    if pace.wait_s(address):
        raise TooManyRequestsException("请求过于频繁: 令牌五分钟内有效, 请重复使用")
    if await attempts.take(address, _TRIES) < 0:
        raise TooManyRequestsException("尝试过于频繁: 请 15 分钟后再试")
    who = await _machine(state, bearer(request.headers.get("Authorization", "")))
    await attempts.give_back(address)
    signer: Signer = state.signer
    actor = Actor(kind="staff", id=who.account, name=who.name)
    # A key that asks all the time is noted as often as a token of it can begin to live, not more.
    if await attempts.first(f"token {who.account} {data.service}", timedelta(seconds=LIVES_S)):
        await noted(state.service, request, "token_issued", who.account, actor=actor, detail=f"服务 {data.service}")
    return Token(signer.sign(who, data.service, datetime.now(UTC)), LIVES_S)


async def _machine(state: State, key: str) -> Principal:
    """Raises NotAuthorizedException for a key that is none of ours, revoked or expired, or of a disabled account."""
    account = await accounts_of(state).by_key(keys.name_of(key)) if keys.name_of(key) else None
    held = next((k for k in account.keys if k.id == keys.name_of(key)), None) if account else None
    if account is None or held is None or not keys.matches(held.secret, key):
        raise NotAuthorizedException("接口密钥无效: 请向管理员重新申请")
    if account.disabled or not held.is_good(datetime.now(UTC)):
        raise NotAuthorizedException("接口密钥已过期或账户已停用: 请向管理员重新申请")
    return account.principal(machine=True)


ROUTES: Final[list[ControllerRouterHandler]] = [token]
