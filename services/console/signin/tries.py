"""Tries to get in: each is counted before it is checked, and one that failed is noted for the audit.

Of an account there are few, of an address more: a whole hospital may sit behind one.
"""

from datetime import timedelta
from typing import Final

from chassis.asking import AnyRequest
from chassis.auditing import address_of, noted
from chassis.errors import Refused
from contracts.audit import Act
from contracts.envelope import Actor
from services.console.accounts.model import Account
from services.console.attempts.store import Attempts
from services.console.metrics import SIGN_INS
from services.console.signin.codes import Codes
from services.console.signin.known import is_known

TRIES: Final = 5
TRIES_FROM_ADDRESS: Final = 30
_CODE_LIVES: Final = timedelta(minutes=3)
_STRANGER: Final = Actor(kind="system", id="stranger", name="未登录")
_LOCKED: Final = "尝试次数过多, 暂时不能登录: 请 15 分钟后再试"


class NotAdmitted(Refused):
    """Not signed in; the message says no more than a stranger may know."""

    status = 401


async def count(request: AnyRequest, typed: str) -> bool:
    """Whether it is the last try. Raises NotAdmitted where there was none left."""
    from_here = await _tries(request).take(f"address {address_of(request)}", TRIES_FROM_ADDRESS)
    left = await _tries(request).take(_counted(request, typed), TRIES) if from_here >= 0 else -1
    if left < 0:
        SIGN_INS.labels("locked_out").inc()
        raise NotAdmitted("too_many", _LOCKED)
    return left == 0


def _counted(request: AnyRequest, typed: str) -> str:
    """Browsers that have been in before have tries of their own: strangers who use up theirs lock nobody out there."""
    return f"account {typed}{' known' if is_known(request, typed) else ''}"


async def forget(request: AnyRequest, account: str) -> None:
    """He is in: none of the tries before counts any more."""
    for what in {f"account {account}", _counted(request, account)}:
        await _tries(request).forget(what)


async def good(request: AnyRequest) -> None:
    """Many sit behind one address: what was good does not count. For the account it counts until he is in."""
    await _tries(request).give_back(f"address {address_of(request)}")


async def failed(request: AnyRequest, account: Account | None, last: bool, message: str) -> NotAdmitted:
    """What to raise, after the audit has it; the `last` try is told that there is none left."""
    act: Act = "locked_out" if last else "sign_in_failed"
    SIGN_INS.labels("locked_out" if last else "failed").inc()
    object_ = account.account if account else "unknown"
    await noted(request.app.state.service, request, act, object_, actor=_STRANGER, detail=message.partition(":")[0])
    return NotAdmitted("not_admitted", _LOCKED if last else message)


async def is_fresh(request: AnyRequest, account: str, sealed: str, code: str) -> bool:
    """Whether the app with this secret says so now, and nobody has used it before."""
    codes: Codes = request.app.state.service.state["codes"]
    good = codes.is_good(account, sealed, code)
    return good and await _tries(request).first(f"code {account} {code}", _CODE_LIVES)


def _tries(request: AnyRequest) -> Attempts:
    found: Attempts = request.app.state.service.state["attempts"]
    return found
