"""All HTTP of signing in and out: the forms, the way over the office's own server, everybody's own page."""

from typing import Any, Final

from litestar import Response, get, post
from litestar.datastructures import State
from litestar.response import Redirect, Template
from litestar.types import ControllerRouterHandler

from chassis.access import ANYBODY, EVERYBODY
from chassis.asking import AnyRequest
from chassis.auditing import noted
from chassis.errors import Refused
from services.console.accounts.model import Account
from services.console.signin import entering
from services.console.signin.known import know
from services.console.signin.me import ROUTES as ME
from services.console.signin.office import Office
from services.console.signin.session import STEP, held, hold, release, sessions_of, settings_of, visitor_in
from services.console.signin.tries import NotAdmitted
from services.console.web.page import page, see_other

Answer = Response[Any] | Template
LARGEST: Final = 16_384
"""Bytes of a form that strangers may send."""


@get("/sign-in", roles=ANYBODY, include_in_schema=False)
async def sign_in(request: AnyRequest) -> Template:
    return _form(request, onward(request.query_params.get("next", "")))


@post("/sign-in", roles=ANYBODY, include_in_schema=False, status_code=200, request_max_body_size=LARGEST)
async def sign_in_by_password(state: State, request: AnyRequest) -> Answer:
    """On to the page that was asked for, or to the second factor."""
    form = await request.form()
    typed, next_ = str(form.get("account", "")).strip().lower(), onward(str(form.get("next", "")))
    try:
        account = await entering.by_password(request, typed, str(form.get("password", "")))
    except NotAdmitted as error:
        return _form(request, next_, str(error), typed)
    if not account.factor:
        return await _in(request, account, next_)
    answer = see_other(request, "/sign-in/code")
    step = await sessions_of(state).keep_step(account=account.account, epoch=account.epoch, next=next_)
    hold(request, answer, step, STEP)
    return answer


@get("/sign-in/code", roles=ANYBODY, include_in_schema=False)
async def ask_for_code(request: AnyRequest) -> Template:
    return page(request, "sign-in-code.html", "动态口令", told="")


@post("/sign-in/code", roles=ANYBODY, include_in_schema=False, status_code=200, request_max_body_size=LARGEST)
async def sign_in_by_code(request: AnyRequest) -> Answer:
    code = str((await request.form()).get("code", ""))
    try:
        account, next_ = await entering.by_code(request, held(request, STEP), code)
    except NotAdmitted as error:
        return page(request, "sign-in-code.html", "动态口令", 401, told=str(error))
    return await _in(request, account, next_)


@get("/sign-in/office", roles=ANYBODY, include_in_schema=False)
async def to_the_office(state: State, request: AnyRequest) -> Answer:
    """To the office's own server and back."""
    base = settings_of(state).console_public_url or str(request.base_url)
    try:
        where, kept = await _office(state).begin(f"{base.rstrip('/')}/sign-in/office/return")
    except Refused as error:
        return _form(request, "/", str(error))
    answer = Redirect(where, status_code=303)
    next_ = onward(request.query_params.get("next", ""))
    hold(request, answer, await sessions_of(state).keep_step(office=kept, next=next_), STEP)
    return answer


@get("/sign-in/office/return", roles=ANYBODY, include_in_schema=False)
async def from_the_office(state: State, request: AnyRequest) -> Answer:
    """What the browser brings back is good once."""
    token = held(request, STEP)
    facts = await sessions_of(state).step(token) or {}
    try:
        if "office" not in facts or not await sessions_of(state).end_step(token):
            raise NotAdmitted("over", "登录已超时: 请重新登录")
        person = await _office(state).person(facts["office"], dict(request.query_params.items()))
        account = await entering.by_office(request, person)
    except Refused as error:
        return _form(request, "/", str(error))
    return await _in(request, account, facts["next"], office=True)


@post("/sign-out", roles=EVERYBODY, include_in_schema=False, status_code=200)
async def sign_out(state: State, request: AnyRequest) -> Answer:
    visitor = visitor_in(request)
    await sessions_of(state).end(visitor.session_id, visitor.principal.account)
    await noted(state.service, request, "signed_out", visitor.principal.account)
    answer = see_other(request, "/sign-in", "已退出")
    release(request, answer)
    return answer


def onward(wanted: str) -> str:
    """A page of ours and nothing else: browsers take `//host` and `/\\host` for other places."""
    local = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and wanted.isprintable()
    return wanted if local else "/"


async def _in(request: AnyRequest, account: Account, next_: str, office: bool = False) -> Response[Any]:
    await sessions_of(request.app.state).replace(held(request))
    token = await entering.begin(request, account, office)
    answer = see_other(request, next_)
    hold(request, answer, token)
    know(request, answer, account.account)
    release(request, answer, STEP)
    return answer


def _form(request: AnyRequest, next_: str, told: str = "", typed: str = "") -> Template:
    state = request.app.state
    office = settings_of(state).console_oidc_name if _office(state).is_there else ""
    status = 401 if told else 200
    return page(request, "sign-in.html", "登录", status, told=told, typed=typed, next=next_, office=office)


def _office(state: State) -> Office:
    found: Office = state.service.state["office"]
    return found


ROUTES: Final[list[ControllerRouterHandler]] = [
    sign_in, sign_in_by_password, ask_for_code, sign_in_by_code, to_the_office, from_the_office, sign_out, *ME,
]  # fmt: skip
