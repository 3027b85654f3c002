"""The office's own sign-in (统一身份认证) by OpenID Connect: code flow with PKCE, state and nonce, all of it Authlib's.

Authlib takes 20 MB, and most desks have no such server: it is loaded where one is configured.
"""

import warnings
from functools import cached_property
from hmac import compare_digest
from typing import Any, Final, NamedTuple

import httpx

from chassis.errors import Refused
from chassis.logging import logger
from services.console.settings import ConsoleSettings

_WITHIN_S: Final = 10.0
_KEPT: Final = ("state", "nonce", "code_verifier")

log = logger(__name__)


class OfficeRefused(Refused):
    """The office's server does not say who it is."""

    status = 401


class Person(NamedTuple):
    """`subject` is his for ever, `account` what he is called here."""

    subject: str
    account: str
    name: str


class Office:
    """One OpenID Connect server; what it says of itself is asked for when somebody first comes by it."""

    def __init__(self, settings: ConsoleSettings) -> None:
        self._settings = settings
        self._issuer = settings.console_oidc_issuer.rstrip("/")

    @property
    def is_there(self) -> bool:
        return bool(self._issuer)

    async def begin(self, back: str) -> tuple[str, dict[str, str]]:
        """Where the browser goes, and what is to be remembered until it comes to `back`. Raises OfficeRefused."""
        try:
            begun = await self._client.create_authorization_url(back)
        except (httpx.HTTPError, ValueError, RuntimeError) as error:
            raise _refused(error, "统一身份认证暂时连不上: 请稍后再试, 或用密码登录") from None
        return begun["url"], {"back": back, **{name: begun[name] for name in _KEPT}}

    async def person(self, kept: dict[str, str], said: dict[str, str]) -> Person:
        """Who it is, by what the browser brings back. Raises OfficeRefused."""
        if not compare_digest(kept.get("state", "").encode(), said.get("state", "").encode()) or not said.get("code"):
            raise _refused(said.get("error", "state"), "统一身份认证没有完成: 请重新登录")
        try:
            claims = await self._claims(kept, said["code"])
        except Exception as error:  # of three libraries: whatever it is, nobody is let in
            raise _refused(error, "统一身份认证没有通过: 请重新登录, 仍不行请联系管理员") from None
        if not self._is_allowed(claims):
            raise _refused("not allowed", "统一身份认证的这个用户没有获准使用服务台: 请联系管理员")
        account = str(claims.get(self._settings.console_oidc_claim) or "").strip().lower()
        return Person(f"{self._issuer}|{claims['sub']}", account, str(claims.get("name") or account)[:100])

    async def _claims(self, kept: dict[str, str], code: str) -> dict[str, Any]:
        token = await self._client.fetch_access_token(kept["back"], code=code, code_verifier=kept["code_verifier"])
        claims: dict[str, Any] = dict(await self._client.parse_id_token(token, nonce=kept["nonce"]))
        issuer = str((await self._client.load_server_metadata())["issuer"]).rstrip("/")
        if issuer != self._issuer:
            raise ValueError(f"issuer {issuer}")
        if self._settings.console_oidc_claim not in claims:
            more = dict(await self._client.userinfo(token=token))
            claims = {**more, **claims} if more.get("sub") == claims["sub"] else claims
        return claims

    def _is_allowed(self, claims: dict[str, Any]) -> bool:
        name, _, wanted = self._settings.console_oidc_allowed.partition("=")
        found = claims.get(name)
        return not name or wanted in (found if isinstance(found, list) else [found])

    @cached_property
    def _client(self) -> Any:
        with warnings.catch_warnings():
            import authlib.deprecate  # noqa: F401 - it would have its own warnings shown

            warnings.simplefilter("ignore")  # it would like the next httpx
            from authlib.integrations.base_client import BaseApp
            from authlib.integrations.base_client.async_app import AsyncOAuth2Mixin
            from authlib.integrations.base_client.async_openid import AsyncOpenIDMixin
            from authlib.integrations.httpx_client import AsyncOAuth2Client

        bases = (AsyncOAuth2Mixin, AsyncOpenIDMixin, BaseApp)
        client: Any = type("OfficeClient", bases, {"client_cls": AsyncOAuth2Client})
        settings = self._settings
        return client(
            None,
            client_id=settings.console_oidc_client_id,
            client_secret=settings.console_oidc_client_secret.get_secret_value() or None,
            server_metadata_url=f"{self._issuer}/.well-known/openid-configuration",
            client_kwargs={
                "scope": "openid profile", "code_challenge_method": "S256", "timeout": _WITHIN_S, "trust_env": False,
            },
        )  # fmt: skip


def _refused(error: object, message: str) -> OfficeRefused:
    log.warning("sign-in by the office's server failed", error=f"{type(error).__name__}: {error}"[:300])
    return OfficeRefused("office", message)
