"""What the file of providers says of each kind of provider (发送服务), with the vendors' published limits as defaults.

In any `per_s` seconds at most `rate` + `burst` messages go out: where a vendor counts, both together are his number.
"""

from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, model_validator

from chassis.configfile import MailServer
from services.notify.providers.section import Provided, Secret, Url

Expression = Annotated[str, Field(min_length=1, max_length=2_000)]


class Email(Provided):
    """SMTP. No vendor publishes one number; ten in a second is what a hospital's own server bears."""

    kind: Literal["email"]
    burst: int = Field(default=5, ge=1, le=10_000)
    workers: int = Field(default=2, ge=1, le=64)
    server: MailServer
    address: str = Field(pattern=r"^[!-~]+@[!-~]+$", max_length=200)
    name: str = Field(default="医保服务台", max_length=100)


class WecomRobot(Provided):
    """企业微信群机器人. Published: 20 messages a minute for each robot."""

    kind: Literal["wecom_robot"]
    rate: float | None = Field(default=15, gt=0)
    per_s: float = Field(default=60, gt=0)
    burst: int = Field(default=5, ge=1)
    base_url: Url = "https://qyapi.weixin.qq.com"
    key: Secret
    style: Literal["markdown", "text"] = "markdown"


class WecomApp(Provided):
    """企业微信应用消息. Published: 10,000 calls of one interface a minute for an enterprise; of one application 30 a
    minute and 1,000 an hour to one member, what is more is dropped without an error.
    """

    kind: Literal["wecom_app"]
    rate: float | None = Field(default=100, gt=0)
    burst: int = Field(default=20, ge=1)
    workers: int = Field(default=4, ge=1, le=64)
    base_url: Url = "https://qyapi.weixin.qq.com"
    corp_id: str = Field(min_length=1, max_length=100)
    agent_id: int = Field(ge=1)
    secret: Secret
    style: Literal["textcard", "markdown"] = "textcard"


class Dingtalk(Provided):
    """钉钉群机器人. Published: 20 messages a minute for each robot; who sends more is shut out for ten minutes."""

    kind: Literal["dingtalk"]
    rate: float | None = Field(default=15, gt=0)
    per_s: float = Field(default=60, gt=0)
    burst: int = Field(default=5, ge=1)
    base_url: Url = "https://oapi.dingtalk.com"
    access_token: Secret
    secret: Secret


class Feishu(Provided):
    """飞书群机器人. Published: 100 messages a minute and 5 a second for each robot: 1.6 and 3 are below 5."""

    kind: Literal["feishu"]
    rate: float | None = Field(default=96, gt=0)
    per_s: float = Field(default=60, gt=0)
    burst: int = Field(default=3, ge=1)
    base_url: Url = "https://open.feishu.cn"
    hook: Secret
    secret: Secret


class Sms(Provided):
    """A gateway of text messages over HTTP (短信网关). `path`, `headers` and `body` are Jinja2 templates; others
    are Jinja2 expressions on `status` (number) and `body` (JSON, or {}). `busy_for_one`: only this number has to wait.
    """

    kind: Literal["sms"]
    burst: int = Field(default=10, ge=1)
    workers: int = Field(default=4, ge=1, le=64)
    base_url: Url
    method: Literal["GET", "POST", "PUT"] = "POST"
    path: str = Field(default="", max_length=2_000)
    headers: dict[str, str] = Field(default_factory=dict, max_length=30)
    body: str = Field(default="", max_length=10_000)
    secrets: dict[str, SecretStr] = Field(default_factory=dict, max_length=20)
    success: Expression
    busy: Expression | None = None
    busy_for_one: Expression | None = None
    refused: Expression | None = None
    message_id: Expression | None = None
    characters: int = Field(default=200, ge=20, le=1_000)
    repeatable: bool = False


class Webhook(Provided):
    """Any system that takes a signed POST. `allowed`: beginnings of the addresses that recipients may have."""

    kind: Literal["webhook"]
    rate: float | None = Field(default=50, gt=0)
    burst: int = Field(default=50, ge=1)
    workers: int = Field(default=8, ge=1, le=64)
    base_url: Url | None = None
    allowed: tuple[Url, ...] = Field(default=(), max_length=50)
    secret: Annotated[SecretStr, Field(min_length=16)]

    @model_validator(mode="after")
    def _goes_somewhere(self) -> Self:
        if self.base_url is None and not self.allowed:
            raise ValueError("base_url or allowed says where it may go")
        return self


class WebPush(Provided):
    """Notifications of browsers (浏览器推送). `private_key`: the VAPID key, PEM or base64url; `hosts`: the push
    services that a subscription may name, also below them; `base_url` is a proxy that takes their place.
    """

    kind: Literal["web_push"]
    rate: float | None = Field(default=50, gt=0)
    burst: int = Field(default=50, ge=1)
    workers: int = Field(default=8, ge=1, le=64)
    base_url: Url | None = None
    private_key: Secret
    subject: str = Field(pattern=r"^(mailto:[^\s@]+@[^\s@]+|https://[^\s]+)$", max_length=200)
    hosts: tuple[str, ...] = (
        "fcm.googleapis.com", "push.services.mozilla.com", "notify.windows.com", "push.apple.com",
    )  # fmt: skip
    ttl_s: int = Field(default=86_400, ge=0, le=2_419_200)


ProviderConfig = Annotated[
    Email | WecomRobot | WecomApp | Dingtalk | Feishu | Sms | Webhook | WebPush, Field(discriminator="kind")
]
