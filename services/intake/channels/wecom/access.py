"""The access token of one WeCom application: fetched once, and again when it has run out."""

import time
from typing import Final

import httpx

EXPIRED: Final = (40001, 40014, 42001)
_EARLY_S = 300


class TokenTrouble(httpx.HTTPError):
    """No access token now, or it has run out: worth another try."""


class Access:
    """`base_url` is the vendor's API, https://qyapi.weixin.qq.com unless a proxy stands before it."""

    def __init__(self, http: httpx.AsyncClient, base_url: str, corp_id: str, corp_secret: str) -> None:
        self.http, self.base = http, base_url.rstrip("/")
        self._credentials = {"corpid": corp_id, "corpsecret": corp_secret}
        self._token, self._until = "", 0.0

    @property
    def possible(self) -> bool:
        """Whether there is a secret to ask with."""
        return bool(self._credentials["corpsecret"])

    async def token(self) -> str:
        """Raises httpx.HTTPError, of which TokenTrouble is one."""
        if time.monotonic() >= self._until:
            answer = await self.http.get(f"{self.base}/cgi-bin/gettoken", params=self._credentials)
            answer.raise_for_status()
            try:
                body = answer.json()
                self._token = str(body["access_token"])
                self._until = time.monotonic() + max(60, int(body["expires_in"]) - _EARLY_S)
            except (ValueError, KeyError, TypeError):
                raise TokenTrouble("no token") from None
        return self._token

    def expired(self) -> None:
        """The vendor takes the token no longer: the next call fetches another."""
        self._until = 0.0
