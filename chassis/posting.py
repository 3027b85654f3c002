"""One HTTP call to a vendor's interface, and what its failure means for the message: not sent, refused, or unknown."""

import hashlib
import hmac
import logging
import time
import zlib
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, cast

import httpx

# Its lines name the URL, and some vendors want the token there.
logging.getLogger("httpx").setLevel(logging.WARNING)

UNSURE = "不能确定是否已发出: 请人工核对后再决定是否重发"
WITHIN_S = 15.0
LONGEST_WAIT_S, LONGEST_ASKED_S = 600.0, 86_400.0
"""What a reply of intake is put off by, and what is believed at all of what a channel asks."""
LARGEST_ANSWER = 256 * 1024
_IDENTITY = ("", "identity")


class SendFailed(Exception):
    """A message did not go out. `permanent`: trying again will not help; `unsure`: it may have gone out."""

    def __init__(self, reason: str, *, permanent: bool = False, unsure: bool = False) -> None:
        super().__init__(reason)
        self.permanent, self.unsure = permanent, unsure


class Later(SendFailed):
    """Nothing was sent; `after_s` is what the channel asks for, at least. `for_one`: it asks for this person alone."""

    def __init__(self, reason: str, after_s: float = 0.0, *, for_one: bool = False) -> None:
        super().__init__(reason)
        self.after_s, self.for_one = min(after_s, LONGEST_ASKED_S), for_one


class Declined(SendFailed):
    """The channel would not take it: no budget left, or nobody to take it to."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason, permanent=True)


def client() -> httpx.AsyncClient:
    """Without the environment's proxies: where one is needed, the sender's URL names it."""
    return httpx.AsyncClient(timeout=httpx.Timeout(WITHIN_S, connect=5.0), trust_env=False)


async def call(http: httpx.AsyncClient, method: str, url: str, *, repeatable: bool = False, **more: Any) -> Any:
    """The JSON of a 2xx answer, None where it is no JSON object. Raises SendFailed.

    `repeatable` says that doing it twice is doing it once, so that no answer is no reason to stop.
    """
    answer = await asked(http, method, url, repeatable=repeatable, **more)
    judge(answer, repeatable)
    return json_of(answer)


async def asked(
    http: httpx.AsyncClient, method: str, url: str, *, repeatable: bool = False, **more: Any
) -> httpx.Response:
    """The answer, whatever it says; of its body the first 256 KB. Raises SendFailed where there is none; `repeatable`
    as for `call`.
    """
    headers = {"Accept-Encoding": "identity", **(more.pop("headers", None) or {})}
    try:
        async with http.stream(method, url, headers=headers, **more) as answer:
            return await _read(answer)
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout):
        raise Later("连不上渠道接口") from None
    except (httpx.InvalidURL, httpx.UnsupportedProtocol, httpx.LocalProtocolError):
        raise Declined("渠道接口的网址无效") from None
    except httpx.HTTPError as error:
        raise _unknown(type(error).__name__, repeatable, "渠道接口没有应答") from None


async def _read(answer: httpx.Response) -> httpx.Response:
    """The answer with what of its body is kept: an answer without end, or one that swells, takes no memory."""
    kept = bytearray()
    async for part in cast(httpx.AsyncByteStream, answer.stream):
        kept += part[: LARGEST_ANSWER - len(kept)]
        if len(kept) >= LARGEST_ANSWER:
            break
    body, kind = bytes(kept), answer.headers.get("Content-Encoding", "").strip().lower()
    if kind not in _IDENTITY:  # though it was asked not to
        body = _unpacked(body, kind)
    wanted = {name: value for name, value in answer.headers.items() if name in ("content-type", "retry-after")}
    return httpx.Response(answer.status_code, headers=wanted, content=body, request=answer.request)


def _unpacked(body: bytes, kind: str) -> bytes:
    """Nothing where it is packed in a way that nobody has asked for."""
    if kind not in ("gzip", "x-gzip", "deflate"):
        return b""
    try:
        return zlib.decompressobj(zlib.MAX_WBITS | 32).decompress(body, LARGEST_ANSWER)
    except zlib.error:
        return b""


def json_of(answer: httpx.Response) -> dict[str, Any] | None:
    """The JSON object of an answer, None where it is none."""
    try:
        body = answer.json()
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None


def judge(answer: httpx.Response, repeatable: bool) -> None:
    """Raises SendFailed as the status says; a 2xx is well."""
    code = answer.status_code
    if answer.is_success:
        return
    if code in (429, 503):
        raise Later(f"渠道接口繁忙 (HTTP {code})", retry_after(answer.headers.get("Retry-After", "")))
    if code == 408 or code >= 500:
        # The error may have come after the reply had gone on: who sends it again might send it twice.
        raise _unknown(f"HTTP {code}", repeatable, "渠道接口出错")
    if code in (401, 403):
        raise SendFailed(f"渠道接口不认可凭证 (HTTP {code}): 请检查渠道配置", permanent=True)
    raise Declined(f"渠道接口不接受这条回复 (HTTP {code})")


def _unknown(what: str, repeatable: bool, trouble: str) -> SendFailed:
    if repeatable:
        return Later(f"{trouble} ({what})")
    return SendFailed(f"{trouble} ({what}), {UNSURE}", unsure=True)


def signed(secret: str, body: bytes, at: int | None = None) -> dict[str, str]:
    """HMAC-SHA256 over `<timestamp>.<body>`, so that neither can be changed nor sent again much later."""
    stamp = str(int(time.time()) if at is None else at)
    digest = hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return {"X-Yibao-Timestamp": stamp, "X-Yibao-Signature": f"sha256={digest}"}


def retry_after(value: str, now: datetime | None = None) -> float:
    """Seconds to wait by a `Retry-After` header, which names seconds or a date; 0 when it says neither."""
    if (seconds := value.strip()).isdecimal():
        return float(seconds)
    try:
        at = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return 0.0
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max(0.0, (at - (now or datetime.now(UTC))).total_seconds())
