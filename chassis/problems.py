"""Errors of every service's HTTP in one shape, and in Chinese."""

from typing import Any, Final

from litestar import Request, Response
from litestar.exceptions import HTTPException
from litestar.types import ExceptionHandlersMap
from nats.errors import Error as NatsError
from pydantic import ValidationError
from pymongo.errors import PyMongoError

from chassis.errors import Refused
from chassis.logging import logger
from chassis.wording import field, in_chinese

log = logger(__name__)

_MESSAGES = {
    400: "请求不正确: 见 fields, 或看 /docs",
    404: "没有这个地址: 请看 /docs",
    405: "这个地址不支持此方法: 请看 /docs",
    413: "内容过大",
    500: "服务内部出错: 请联系运维查看日志",
}


def problem(status: int, code: str, message: str) -> Response[dict[str, Any]]:
    """What every error looks like: `code` for programs, `message` for people."""
    return Response({"code": code, "message": message}, status_code=status)


def _on_refused(_: Request[Any, Any, Any], error: Refused) -> Response[dict[str, Any]]:
    return problem(error.status, error.code, str(error))


def _on_http(_: Request[Any, Any, Any], error: HTTPException) -> Response[dict[str, Any]]:
    message = _message(error) if error.detail.isascii() else error.detail
    body: dict[str, Any] = {"code": f"http_{error.status_code}", "message": message}
    if isinstance(error.extra, list):
        body["fields"] = [field(dict(one)) for one in error.extra if isinstance(one, dict)]
    return Response(body, status_code=error.status_code)


def _message(error: HTTPException) -> str:
    if error.status_code == 400 and not error.extra:
        return in_chinese(error.detail) or "正文读不出来: 请用 UTF-8 的 JSON, 文件用 multipart/form-data"
    return _MESSAGES.get(error.status_code, error.detail)


def _on_nested(_: Request[Any, Any, Any], __: RecursionError) -> Response[dict[str, Any]]:
    return problem(400, "http_400", "正文嵌套过深: 请检查发送方")


def _on_undecodable(_: Request[Any, Any, Any], __: UnicodeDecodeError) -> Response[dict[str, Any]]:
    """A field of a form; the framework does not catch it."""
    return problem(400, "http_400", "内容不是 UTF-8 编码: 请转换后再提交")


def _on_invalid(_: Request[Any, Any, Any], error: ValidationError) -> Response[dict[str, Any]]:
    """A body whose shape is right and whose content breaks a contract, such as a blank text."""
    fields = sorted({".".join(map(str, e["loc"])) for e in error.errors(include_input=False, include_url=False)})
    return problem(400, "http_400", f"内容不合要求, 请检查: {', '.join(fields)}")


def _on_overflow(_: Request[Any, Any, Any], __: OverflowError) -> Response[dict[str, Any]]:
    """Python's numbers and years have no end, the database's have."""
    return problem(400, "http_400", "数字或日期超出范围: 请改小后再试")


def _on_outage(_: Request[Any, Any, Any], error: Exception) -> Response[dict[str, Any]]:
    log.warning("a server is out of reach", error=f"{type(error).__name__}: {error}"[:300])
    return problem(503, "out_of_reach", "暂时连不上数据库或消息服务器: 请稍后再试, 或看 /health/ready")


def _on_crash(_: Request[Any, Any, Any], error: Exception) -> Response[dict[str, Any]]:
    log.exception("request failed", error=type(error).__name__, exc_info=error)
    return problem(500, "internal", _MESSAGES[500])


HANDLERS: Final[ExceptionHandlersMap] = {
    Exception: _on_crash,
    Refused: _on_refused,
    HTTPException: _on_http,
    ValidationError: _on_invalid,
    PyMongoError: _on_outage,
    NatsError: _on_outage,
    RecursionError: _on_nested,
    OverflowError: _on_overflow,
    UnicodeDecodeError: _on_undecodable,
}
