"""The access token of a WeCom application: fetched once for all workers, and again shortly before it runs out."""

import asyncio
import time

import httpx

from chassis.posting import Later, SendFailed, call
from services.notify.providers.kinds import WecomApp
from services.notify.transports.errcodes import Codes

EXPIRED = (40001, 40014, 42001)
_EARLY_S, FAILED_S = 300.0, 3.0
_CODES = Codes(
    "企业微信", "errcode",
    busy={-1: 5, 45009: 60, 45033: 5, 45011: 60},
    refused={},
    ours={40001: "应用的 secret 无效, 请核对", 40013: "corp_id 无效, 请核对", 60020: "本机 IP 不在应用的可信 IP 中"},
)  # fmt: skip


class Token:
    """Fetched by one, waited for by the others; where it cannot be had, all of them hear so at once."""

    def __init__(self, config: WecomApp, http: httpx.AsyncClient) -> None:
        self._config, self._http = config, http
        self._token, self._until = "", 0.0
        self._failed, self._failed_until = SendFailed(""), 0.0
        self._fetching = asyncio.Lock()

    async def get(self, within_s: float) -> str:
        """Raises SendFailed, and Later when the time is over: either way nothing was sent."""
        try:
            async with asyncio.timeout(within_s), self._fetching:
                if time.monotonic() >= self._until:
                    await self._fetch_once()
                return self._token
        except TimeoutError:
            raise Later("企业微信没有按时给出 access_token") from None

    def expired(self, token: str) -> None:
        """The vendor takes it no longer; whoever notices late does not throw away its successor."""
        if token == self._token:
            self._until = 0.0

    async def _fetch_once(self) -> None:
        """Who waited for one that failed does not ask again behind it, and neither do the next ones for a moment."""
        if time.monotonic() < self._failed_until:
            raise self._failed.with_traceback(None)
        try:
            await self._fetch()
        except SendFailed as error:
            self._failed, self._failed_until = error, time.monotonic() + FAILED_S
            raise
        except asyncio.CancelledError:
            self._failed, self._failed_until = Later("企业微信没有按时给出 access_token"), time.monotonic() + FAILED_S
            raise

    async def _fetch(self) -> None:
        url = f"{self._config.base_url.rstrip('/')}/cgi-bin/gettoken"
        params = {"corpid": self._config.corp_id, "corpsecret": self._config.secret.get_secret_value()}
        answer = await call(self._http, "GET", url, repeatable=True, params=params, timeout=self._config.answer_s / 2)
        if answer is None or ("access_token" not in answer and answer.get("errcode") in (0, None)):
            raise Later("企业微信没有给出 access_token")
        body = _CODES.judge({"errcode": 0, **answer})
        try:
            lasts_s = float(body.get("expires_in", 7200))
        except (TypeError, ValueError):
            lasts_s = 7200.0
        self._token, self._until = str(body["access_token"]), time.monotonic() + max(60.0, lasts_s - _EARLY_S)
