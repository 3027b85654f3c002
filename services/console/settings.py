"""Where the console finds the other services, how long a session lasts, who signs people in; from `YIBAO_*`."""

from typing import Final, get_args

from pydantic import Field, SecretStr, field_validator

from chassis.settings import Settings
from contracts.identity import TITLES
from contracts.topology import Service

_OTHERS: Final = tuple(name for name in get_args(Service) if name != "console")
_URL: Final = "URL of {0} as the console reaches it; empty: on this machine, at the port of {0}"


class ConsoleSettings(Settings):
    """Those of the console begin with YIBAO_CONSOLE_; ports are the whole stack's."""

    intake_port: int = Field(8101, description="HTTP port of intake")
    sla_port: int = Field(8102, description="HTTP port of sla")
    stats_port: int = Field(8103, description="HTTP port of stats")
    notify_port: int = Field(8104, description="HTTP port of notify")
    knowledge_port: int = Field(8105, description="HTTP port of knowledge")
    console_intake_url: str = Field("", description=_URL.format("intake"))
    console_sla_url: str = Field("", description=_URL.format("sla"))
    console_stats_url: str = Field("", description=_URL.format("stats"))
    console_notify_url: str = Field("", description=_URL.format("notify"))
    console_knowledge_url: str = Field("", description=_URL.format("knowledge"))
    console_public_url: str = Field(
        "",
        description="Where people reach the console, e.g. https://desk.example; needed for sign-in by OpenID Connect",
    )
    console_idle_min: int = Field(30, ge=1, le=1_440, description="Minutes without a request that end a session")
    console_session_h: int = Field(12, ge=1, le=168, description="Hours after which a session ends at the latest")
    console_requests_per_min: int = Field(
        1_200, ge=0, description="Requests a minute from one session, or from one address of strangers; 0: no limit"
    )
    console_totp_roles: str = Field(
        "", description="Roles that must sign in with a second factor, with commas, e.g. lead,admin,auditor"
    )
    console_oidc_issuer: str = Field("", description="Issuer of an OpenID Connect server to sign in by; empty: none")
    console_oidc_name: str = Field("统一身份认证", description="What the button says that leads there")
    console_oidc_client_id: str = Field("", description="The console's client id there")
    console_oidc_client_secret: SecretStr = Field(SecretStr(""), description="Its secret; empty for a public client")
    console_oidc_claim: str = Field("preferred_username", description="Claim that names the account")
    console_oidc_allowed: str = Field(
        "", description="Claim and value that people must have, e.g. groups=yibao; empty: whoever has an account"
    )
    console_oidc_role: str = Field(
        "",
        description="Role of an account that is opened at its first sign-in by OpenID Connect; empty: none is opened",
    )

    @field_validator("console_totp_roles", "console_oidc_role")
    @classmethod
    def _names_roles(cls, text: str) -> str:
        if unknown := {name.strip() for name in text.split(",") if name.strip()} - TITLES.keys():
            raise ValueError(f"unknown roles: {', '.join(sorted(unknown))}")
        return text

    @property
    def totp_roles(self) -> frozenset[str]:
        return frozenset(name.strip() for name in self.console_totp_roles.split(","))

    @property
    def is_https(self) -> bool:
        """Whether people reach the console by HTTPS, as far as anybody has said."""
        return self.console_public_url.startswith("https://")

    def urls(self) -> dict[str, str]:
        """Of the other services, by name."""
        return {
            name: getattr(self, f"console_{name}_url") or f"http://{self.host}:{getattr(self, f'{name}_port')}"
            for name in _OTHERS
        }
