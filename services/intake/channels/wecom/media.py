"""Files that WeCom keeps for three days under a media id: fetched with the application's access token."""

import json

import httpx

from services.intake.channels.media import Hopeless
from services.intake.channels.wecom.access import EXPIRED, Access, TokenTrouble
from services.intake.channels.wecom.content import MEDIA


class WecomMedia:
    """The vendor's store behind a media id; see `Access` for what it is made from."""

    def __init__(self, http: httpx.AsyncClient, base_url: str, corp_id: str, corp_secret: str) -> None:
        self._access = Access(http, base_url, corp_id, corp_secret)

    async def locate(self, source: str) -> str:
        """Raises Hopeless without the application's secret, TokenTrouble when the vendor gives no token."""
        if not self._access.possible:
            raise Hopeless("没有配置 wecom.corp_secret, 取不到文件: 请在 channels.yaml 中填写后让来询人重发")
        query = httpx.QueryParams(access_token=await self._access.token(), media_id=source.removeprefix(MEDIA))
        return f"{self._access.base}/cgi-bin/media/get?{query}"

    def verify(self, data: bytes) -> None:
        """The vendor reports errors with status 200, as JSON where the file should be."""
        if not data.startswith(b"{") or b"errcode" not in data[:200]:
            return
        try:
            code = json.loads(data).get("errcode", 0)
        except (ValueError, AttributeError):
            return
        if code in EXPIRED:
            self._access.expired()
            raise TokenTrouble("token expired")
        if code:
            raise Hopeless(f"企业微信不再提供这个文件 (errcode {code}): 请让来询人重发")


class ArchivedElsewhere:
    """The archive's files come through the vendor's own library, which only the program that reads the archive has."""

    async def locate(self, source: str) -> str:
        raise Hopeless("会话存档的文件没有附带 url: 请让存档程序上传文件, 或让来询人重发")

    def verify(self, data: bytes) -> None:
        return
