"""What went wrong, as a page with a way on; for a part of a page, as a sentence that is shown over it."""

from typing import Any
from urllib.parse import quote

from litestar import Response
from litestar.exceptions import HTTPException
from litestar.response import Redirect
from nats.errors import Error as NatsError
from pydantic import ValidationError
from pymongo.errors import PyMongoError

from chassis.errors import Refused
from chassis.logging import logger
from services.console.asking import Answered
from services.console.web.page import AnyRequest, page

log = logger(__name__)

_TOLD = {
    400: "请求不正确: 请返回检查填写的内容",
    403: "没有这项权限, 或页面已过期: 请刷新后再试, 仍不行请联系管理员",
    404: "没有这个页面, 或不在您的权限范围内",
    405: "这个地址不支持此操作",
    413: "内容过大: 请缩小文件后再试",
    429: "操作过于频繁: 请稍后再试",
    500: "页面出错了: 请稍后再试, 仍不行请联系运维",
    503: "后台服务暂时连不上: 请稍后再试",
}


def told(request: AnyRequest, status: int, message: str) -> Response[Any]:
    """`message` as a page; who asked for a part, or for no page at all, gets the sentence alone."""
    if request.headers.get("HX-Request") or "text/html" not in request.headers.get("Accept", ""):
        return Response(message, status_code=status, media_type="text/plain")
    return page(request, "error.html", "出错了", status, code=status, message=message)


def on_answered(request: AnyRequest, error: Answered) -> Response[Any]:
    return told(request, error.status, error.told)


def on_refused(request: AnyRequest, error: Refused) -> Response[Any]:
    return told(request, error.status, str(error))


def on_http(request: AnyRequest, error: HTTPException) -> Response[Any]:
    if error.status_code == 401:
        return _to_sign_in(request)
    message = _TOLD.get(error.status_code, error.detail) if error.detail.isascii() else error.detail
    answer = told(request, error.status_code, message)
    answer.headers.update(error.headers or {})
    return answer


def on_invalid(request: AnyRequest, _: Exception) -> Response[Any]:
    """An address or a form that breaks a contract."""
    return told(request, 400, _TOLD[400])


def on_overflow(request: AnyRequest, _: OverflowError) -> Response[Any]:
    """A number or a date that neither the calendar nor the database has room for."""
    return told(request, 400, _TOLD[400])


def on_outage(request: AnyRequest, error: Exception) -> Response[Any]:
    log.warning("a server is out of reach", error=f"{type(error).__name__}: {error}"[:300])
    return told(request, 503, _TOLD[503])


def on_crash(request: AnyRequest, error: Exception) -> Response[Any]:
    log.exception("page failed", path=request.url.path, exc_info=error)
    return told(request, 500, _TOLD[500])


def _to_sign_in(request: AnyRequest) -> Response[Any]:
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    where = f"/sign-in?next={quote(here)}" if request.method == "GET" and here != "/" else "/sign-in"
    if request.headers.get("HX-Request") and request.method != "GET":
        message = "登录已过期: 请在新窗口登录后再提交, 填写的内容还在"
        return Response(message, status_code=401, media_type="text/plain")
    if request.headers.get("HX-Request"):
        return Response(None, status_code=401, headers={"HX-Redirect": "/sign-in"})
    return Redirect(where, status_code=303)


HANDLERS = {
    Exception: on_crash,
    Answered: on_answered,
    Refused: on_refused,
    HTTPException: on_http,
    ValidationError: on_invalid,
    OverflowError: on_overflow,
    RecursionError: on_invalid,
    UnicodeDecodeError: on_invalid,
    PyMongoError: on_outage,
    NatsError: on_outage,
}
