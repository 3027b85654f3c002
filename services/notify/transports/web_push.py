"""Notifications of a browser that nobody has open (浏览器推送). The address is the browser's subscription, as JSON:
`{"endpoint": …, "keys": {"p256dh": …, "auth": …}}`.
"""

import json
import os
import time
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

import httpx
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key

from chassis.configfile import Unusable, is_loopback
from chassis.posting import Declined, asked, judge
from services.notify.providers import kinds
from services.notify.transports.origins import Origins
from services.notify.transports.port import Format, Letter, Sent
from services.notify.transports.web_push_crypto import OVERHEAD, b64, encrypted, point, private_key, unb64, vapid
from services.notify.transports.words import fitted, heading, unlinked

BYTES = 4096
VALID_S, RENEWED_S = 12 * 3600, 3600
_AROUND = 1_200
_URGENCY = {"urgent": "high", "high": "high", "normal": "normal", "low": "low"}
_HTTPS_PORT = 443


class WebPush:
    """The page's worker shows one notification for an id: what comes twice is still one, so it may be repeated."""

    format: Format = "text"
    titled = True
    most_characters = 0
    most_bytes = BYTES - OVERHEAD - _AROUND

    def __init__(self, config: kinds.WebPush, http: httpx.AsyncClient) -> None:
        self._config, self._http = config, http
        self._key = _loaded(config)
        self._signed: dict[str, tuple[str, float]] = {}
        self._origins = Origins(several=config.base_url is None)

    async def send(self, letter: Letter) -> Sent:
        """Raises SendFailed."""
        endpoint, content = self._sealed(letter)
        url = endpoint if self._config.base_url is None else self._config.base_url.rstrip("/") + _path(endpoint)
        headers = {
            "Authorization": self._authorization(endpoint), "TTL": str(self._config.ttl_s),
            "Content-Encoding": "aes128gcm", "Content-Type": "application/octet-stream",
            "Urgency": _URGENCY[letter.urgency],
            # What still waits at the push service under the same topic is replaced.
            "Topic": b64(sha256(letter.id.encode()).digest())[:32],
        }  # fmt: skip
        more = {"content": content, "headers": headers, "timeout": self._config.answer_s}
        async with self._origins.asking(url, self._config.whole_s):
            _judge(await asked(self._http, "POST", url, repeatable=True, **more))
        return Sent()

    def _sealed(self, letter: Letter) -> tuple[str, bytes]:
        try:
            subscription = json.loads(letter.address)
            endpoint, keys = str(subscription["endpoint"]), subscription["keys"]
            browser, auth = unb64(keys["p256dh"]), unb64(keys["auth"])
            self._must_be_known(endpoint)
            own = generate_private_key(SECP256R1())
            return endpoint, encrypted(payload(letter), browser, auth, own, os.urandom(16))
        except (ValueError, KeyError, TypeError, AttributeError):
            raise Declined("浏览器的推送订阅无效: 请在收件箱页面重新打开桌面通知") from None

    def _must_be_known(self, endpoint: str) -> None:
        """A subscription is written by whoever has a browser: it must not send us to a server inside."""
        parts = urlsplit(endpoint)
        host = parts.hostname or ""
        known = any(host == name or host.endswith(f".{name}") for name in self._config.hosts)
        safe = parts.scheme == "https" and parts.port in (None, _HTTPS_PORT)
        if not known or not (safe or is_loopback(host)) or parts.username is not None:
            raise ValueError("not a push service that we know")

    def _authorization(self, endpoint: str) -> str:
        parts = urlsplit(endpoint)
        audience, now = f"{parts.scheme}://{parts.netloc}", time.time()
        header, until = self._signed.get(audience, ("", 0.0))
        if until < now + RENEWED_S:
            header, until = vapid(self._key, audience, self._config.subject, int(now) + VALID_S), now + VALID_S
            self._signed[audience] = (header, until)
        return header


def public_key(config: kinds.WebPush) -> str:
    """What a page gives to `pushManager.subscribe` as applicationServerKey (base64url). Raises CannotStart."""
    return b64(point(_loaded(config)))


def payload(letter: Letter) -> bytes:
    """What the page's worker is given, as JSON; the body is cut until the whole fits into one record."""
    told: dict[str, Any] = {
        "id": letter.id, "alert_id": letter.alert_id, "title": fitted(heading(letter), size=300), "link": letter.link,
        "urgency": letter.urgency, "repeat": letter.repeat, "body": unlinked(letter),
    }  # fmt: skip
    while len(said := json.dumps(told, ensure_ascii=False).encode()) > BYTES - OVERHEAD and told["body"]:
        told["body"] = fitted(told["body"], size=len(told["body"].encode()) * 3 // 4) if len(told["body"]) > 8 else ""
    return said


def _loaded(config: kinds.WebPush) -> EllipticCurvePrivateKey:
    try:
        return private_key(config.private_key.get_secret_value())
    except ValueError:
        raise Unusable("浏览器推送的 private_key 无效: 请按 docs/providers.md 生成一个 P-256 私钥") from None


def _path(endpoint: str) -> str:
    parts = urlsplit(endpoint)
    return parts.path + (f"?{parts.query}" if parts.query else "")


def _judge(answer: httpx.Response) -> None:
    # Who is not allowed to: the browser has subscribed under a key that the desk does not have any more.
    if answer.status_code in (401, 403, 404, 410):
        raise Declined("浏览器的推送订阅已失效: 请在收件箱页面重新打开桌面通知")
    if answer.status_code == 413:
        raise Declined("推送服务认为消息过长 (HTTP 413)")
    judge(answer, repeatable=True)
