"""Who is at the door, by the cookie that his browser holds. What a page may show follows from the account as it is now:
with other rights, another password or a disabled account a session is over at the next request.
"""

from typing import Any, Final, cast

import msgspec
from litestar import Response
from litestar.datastructures import Cookie, State
from litestar.exceptions import NotAuthorizedException

from chassis.asking import AnyRequest
from chassis.token import Principal
from services.console.accounts.model import Account
from services.console.accounts.start import accounts_of
from services.console.settings import ConsoleSettings
from services.console.signin.store import Session, Sessions

SESSION: Final = "yibao"
STEP: Final = "yibao-step"
BY_ITSELF: Final = "X-By-Itself"
_WATCHED: Final = "/wall"


class Visitor(msgspec.Struct, frozen=True):
    """Somebody who has signed in. `session_id` is the hash of what his browser holds.

    With `must_change_password` or `must_enrol` (a second factor) he may do nothing else before.
    """

    principal: Principal
    session_id: str
    must_change_password: bool = False
    must_enrol: bool = False

    @property
    def goes_first(self) -> str:
        """The page where he does it; empty when he may go anywhere."""
        return "/me/password" if self.must_change_password else "/me/second-factor" if self.must_enrol else ""


async def visitor_of(request: AnyRequest) -> Visitor | None:
    """None for strangers, and for who was signed in until now."""
    state = request.app.state
    session = await sessions_of(state).find(held(request))
    account = await _account_of(state, session)
    if session is None or account is None:
        return None
    if _is_of_a_person(request):
        await sessions_of(state).seen(session)
    return _visitor(account, session, settings_of(state))


async def goes_on(state: State, visitor: Visitor) -> bool:
    """Whether he is still signed in, for what lasts longer than a request."""
    return await _account_of(state, await sessions_of(state).of_id(visitor.session_id)) is not None


def visitor_in(request: AnyRequest) -> Visitor:
    """Who looks at a page. Raises NotAuthorizedException for a program with a token: pages are for people."""
    found = request.scope["state"].get("visitor")
    if not isinstance(found, Visitor):
        raise NotAuthorizedException("请先登录: 这是给人看的页面, 程序请直接访问各服务的接口")
    return found


def sessions_of(state: State) -> Sessions:
    return cast(Sessions, state.service.state["sessions"])


def settings_of(state: State) -> ConsoleSettings:
    return cast(ConsoleSettings, state.service.state["settings"])


def hold(
    request: AnyRequest, answer: Response[Any], token: str, name: str = SESSION, lasts_s: int | None = None
) -> None:
    """The browser is to hold `token`; until it is closed, or `lasts_s`, and for no script and no other site."""
    answer.set_cookie(_cookie(request, name, token, lasts_s))


def release(request: AnyRequest, answer: Response[Any], name: str = SESSION) -> None:
    """The browser is to forget it."""
    answer.set_cookie(_cookie(request, name, "", max_age=0))


def held(request: AnyRequest, name: str = SESSION) -> str:
    """What the browser brings; empty when nothing."""
    return request.cookies.get(_name(request, name), "")


async def _account_of(state: State, session: Session | None) -> Account | None:
    """Whose session it is; None when it is over."""
    account = await accounts_of(state).find(session.account) if session else None
    is_good = session and account and not account.disabled and account.epoch == session.epoch
    return account if is_good else None


def _is_of_a_person(request: AnyRequest) -> bool:
    """What pages ask by themselves keeps no session alive at which nobody sits; the wall's, nobody ever does."""
    if request.url.path.startswith("/live"):
        return request.query_params.get("doing") == "typing"
    return BY_ITSELF not in request.headers or request.url.path == _WATCHED


def _visitor(account: Account, session: Session, settings: ConsoleSettings) -> Visitor:
    by_password = not session.office
    return Visitor(
        account.principal(),
        session.id,
        must_change_password=by_password and account.expires_at is not None,
        must_enrol=by_password and account.role in settings.totp_roles and not account.factor,
    )


def _cookie(request: AnyRequest, name: str, value: str, max_age: int | None = None) -> Cookie:
    return Cookie(
        _name(request, name), value=value, max_age=max_age, httponly=True, samesite="lax", secure=_is_https(request)
    )


def _name(request: AnyRequest, name: str) -> str:
    # The prefix makes browsers refuse a cookie that was set without HTTPS, or by a neighbouring host.
    return f"__Host-{name}" if _is_https(request) else name


def _is_https(request: AnyRequest) -> bool:
    return bool(request.url.scheme == "https" or settings_of(request.app.state).is_https)
