"""Who sends the desk's answers: for each channel that is ours a `send(address, text)`, made from the YAML file.

QQ answers over its bot's connection and mail by SMTP without being named here (see `sending`). A channel without a
sender is served by an adapter outside, which hears `channel.out.<channel>` itself.
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Literal

import httpx
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from chassis.posting import call, client, signed
from services.intake.channels.config import Channels
from services.intake.channels.outbound.wechat import Wechat, WechatSender
from services.intake.replies.budget import WECHAT, Limit

Send = Callable[[dict[str, str], str], Awaitable[None]]
"""Sends a text to an address; the address also holds `reply_id`, the id of the reply. Raises SendFailed."""


class _Sender(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class WebhookSender(_Sender):
    """Any system that takes a signed POST: a web portal, a telephone system that sends texts."""

    kind: Literal["webhook"]
    url: str
    secret: SecretStr


class Senders(_Sender):
    """The section `senders`: a sender by channel."""

    wechat: Annotated[WechatSender | WebhookSender | None, Field(discriminator="kind")] = None
    qq: WebhookSender | None = None
    phone: WebhookSender | None = None
    web: WebhookSender | None = None
    email: WebhookSender | None = None
    onsite: WebhookSender | None = None


class BudgetLimit(_Sender):
    """See `budget.Limit`."""

    replies: Annotated[int, Field(ge=1)] = WECHAT.replies
    hours: Annotated[float, Field(gt=0)] = WECHAT.hours
    warn_hours: Annotated[float, Field(ge=0)] = WECHAT.warn_hours


class Budgets(_Sender):
    """The section `budgets`: how many answers a channel takes; only WeChat has a limit unless it says so here."""

    wechat: BudgetLimit | None = BudgetLimit()
    qq: BudgetLimit | None = None
    phone: BudgetLimit | None = None
    web: BudgetLimit | None = None
    email: BudgetLimit | None = None
    onsite: BudgetLimit | None = None


def limits(channels: Channels) -> dict[str, Limit]:
    """The budget of each channel that has one. Raises ConfigError."""
    section = channels.section("budgets", Budgets) or Budgets()
    return {name: Limit(**dict(limit)) for name, limit in section if limit is not None}


def build(channels: Channels) -> dict[str, Send]:
    """The sender of each channel that names one. Raises ConfigError."""
    section = channels.section("senders", Senders) or Senders()
    http = client()
    return {name: _sender(settings, http) for name, settings in section if settings is not None}


def _sender(settings: WechatSender | WebhookSender, http: httpx.AsyncClient) -> Send:
    return Wechat(settings, http) if isinstance(settings, WechatSender) else Webhook(settings, http)


class Webhook:
    """A POST that its receiver can check and may get twice: `reply_id` says that it is the same reply."""

    def __init__(self, settings: WebhookSender, http: httpx.AsyncClient) -> None:
        self._settings, self._http = settings, http

    async def __call__(self, address: Mapping[str, str], text: str) -> None:
        """Raises SendFailed."""
        to = {key: value for key, value in address.items() if key != "reply_id"}
        body = json.dumps(
            {"reply_id": address.get("reply_id", ""), "to": to, "text": text}, ensure_ascii=False
        ).encode()
        headers = {"Content-Type": "application/json", **signed(self._settings.secret.get_secret_value(), body)}
        await call(self._http, "POST", self._settings.url, repeatable=True, content=body, headers=headers)
