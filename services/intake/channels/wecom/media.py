"""Files that WeCom keeps for three days under a media id: fetched with the application's access token."""

import json
import time

import httpx

from services.intake.channels.media import Hopeless
from services.intake.channels.wecom.content import MEDIA

_EXPIRED = (40001, 40014, 42001)
_EARLY_S = 300


class TokenTrouble(httpx.HTTPError):
    """No access token now, or it has run out: worth another try."""


class WecomMedia:
    """`base_url` is the vendor's API, https://qyapi.weixin.qq.com unless a proxy stands before it."""

    def __init__(self, http: httpx.AsyncClient, base_url: str, corp_id: str, corp_secret: str) -> None:
        self._http, self._base = http, base_url.rstrip("/")
        self._credentials = {"corpid": corp_id, "corpsecret": corp_secret}
        self._token, self._until = "", 0.0

    async def locate(self, source: str) -> str:
        """Raises Hopeless without the application's secret, TokenTrouble when the vendor gives no token."""
        if not self._credentials["corpsecret"]:
            raise Hopeless("没有配置 wecom.corp_secret, 取不到文件: 请在 channels.yaml 中填写后让来询人重发")
        query = httpx.QueryParams(access_token=await self._access(), media_id=source.removeprefix(MEDIA))
        return f"{self._base}/cgi-bin/media/get?{query}"

    def verify(self, data: bytes) -> None:
        """The vendor reports errors with status 200, as JSON where the file should be."""
        if not data.startswith(b"{") or b"errcode" not in data[:200]:
            return
        try:
            code = json.loads(data).get("errcode", 0)
        except (ValueError, AttributeError):
            return
        if code in _EXPIRED:
            self._until = 0.0
            raise TokenTrouble("token expired")
        if code:
            raise Hopeless(f"企业微信不再提供这个文件 (errcode {code}): 请让来询人重发")

    async def _access(self) -> str:
        if time.monotonic() >= self._until:
            answer = await self._http.get(f"{self._base}/cgi-bin/gettoken", params=self._credentials)
            answer.raise_for_status()
            try:
                body = answer.json()
                self._token = str(body["access_token"])
                self._until = time.monotonic() + max(60, int(body["expires_in"]) - _EARLY_S)
            except (ValueError, KeyError, TypeError):
                raise TokenTrouble("no token") from None
        return self._token


class ArchivedElsewhere:
    """The archive's files come through the vendor's own library, which only the program that reads the archive has."""

    async def locate(self, source: str) -> str:
        raise Hopeless("会话存档的文件没有附带 url: 请让存档程序上传文件, 或让来询人重发")

    def verify(self, data: bytes) -> None:
        return
