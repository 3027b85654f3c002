"""Alerts to any system that takes a signed POST. The address is its URL, or a path below the configured one."""

import json
import secrets
from urllib.parse import urlsplit

import httpx

from chassis.posting import Declined, call, signed
from services.notify.providers import kinds
from services.notify.transports.origins import Origins, origin_of
from services.notify.transports.port import Format, Letter, Sent
from services.notify.transports.words import heading, unlinked

BYTES = 64 * 1024


class Webhook:
    """The id is the same for each attempt and the nonce is not, and both are in the signed body: a receiver takes a
    known id for the same alert and refuses a known nonce. So it may be sent again whenever it is unsure.
    """

    format: Format = "text"
    titled = True
    most_characters = 0
    most_bytes = BYTES

    def __init__(self, config: kinds.Webhook, http: httpx.AsyncClient) -> None:
        self._config, self._http = config, http
        self._places = (*config.allowed, *([config.base_url] if config.base_url else []))
        self._origins = Origins(len({origin_of(place) for place in self._places}) > 1)

    async def send(self, letter: Letter) -> Sent:
        """Raises SendFailed."""
        url, nonce = self._url(letter.address), secrets.token_hex(16)
        body = json.dumps(_told(letter, nonce), ensure_ascii=False).encode()
        headers = {
            "Content-Type": "application/json", "X-Yibao-Delivery": letter.id, "X-Yibao-Nonce": nonce,
            **signed(self._config.secret.get_secret_value(), body),
        }  # fmt: skip
        more = {"content": body, "headers": headers, "timeout": self._config.answer_s}
        async with self._origins.asking(url, self._config.whole_s):
            answer = await call(self._http, "POST", url, repeatable=True, **more)
        return Sent(str((answer or {}).get("id") or "")[:200])

    def _url(self, address: str) -> str:
        """Where it goes. Recipients are written by staff: none of them may send us to a place nobody has allowed."""
        base = self._config.base_url
        url = base.rstrip("/") + address if base is not None and address[:1] in ("", "/") else address
        if any(_is_below(url, allowed) for allowed in self._places):
            return url
        raise Declined("该网址不在发送服务允许的范围内: 请更正地址, 或在配置的 allowed 中加上")


def _is_below(address: str, allowed: str) -> bool:
    """The same server, and a path that begins alike; no name in it that makes another server of it, and no way up."""
    try:
        asked, limit = urlsplit(address), urlsplit(allowed)
        same = (asked.scheme, asked.hostname, asked.port) == (limit.scheme, limit.hostname, limit.port)
    except ValueError:
        return False
    below = asked.path.rstrip("/") + "/"
    # As the client sees it: a dot may also be written %2e, and a backslash is a slash to some servers.
    climbs = ".." in below or "%" in below or "\\" in address
    return same and asked.username is None and not climbs and below.startswith(limit.path.rstrip("/") + "/")


def _told(letter: Letter, nonce: str) -> dict[str, object]:
    return {
        "id": letter.id, "nonce": nonce, "alert_id": letter.alert_id, "recipient": letter.recipient,
        "urgency": letter.urgency, "title": heading(letter), "body": unlinked(letter), "link": letter.link,
        "repeat": letter.repeat,
    }  # fmt: skip
