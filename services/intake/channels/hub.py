"""The channels of a running desk, put together from the channel file: what the ways in (`*_api.py`) work with."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx
from litestar.datastructures import State

from chassis.service import Service
from chassis.vault import Vault
from contracts.channel import ChannelMessage
from services.intake.channels.attachments.kept import Attachments
from services.intake.channels.config import Channels, ConfigError
from services.intake.channels.media import VENDOR_HOSTS, Media
from services.intake.channels.onebot.link import Link
from services.intake.channels.phone.calls import Calls
from services.intake.channels.ports import Ports
from services.intake.channels.settings import (
    OnebotSettings,
    OnsiteSettings,
    PhoneSettings,
    WebSettings,
    WecomSettings,
)
from services.intake.channels.store import MEDIA, MEDIA_INDEXES
from services.intake.channels.wecom.crypto import Envelope
from services.intake.channels.wecom.media import ArchivedElsewhere, WecomMedia


class Hub:
    """What is off is None. `settle` gives attachments an address of ours, `take` also publishes."""

    def __init__(self, channels: Channels, ports: Ports, db: Any, attachments: Attachments) -> None:
        self.ports, self.attachments = ports, attachments
        self.wecom = channels.section("wecom", WecomSettings)
        self.onebot = channels.section("onebot", OnebotSettings)
        self.phone = channels.section("phone", PhoneSettings)
        self.web = channels.section("web", WebSettings)
        self.onsite = channels.section("onsite", OnsiteSettings)
        self.http = httpx.AsyncClient(timeout=10, trust_env=False)
        self.app, self.robot = _envelopes(self.wecom)
        self.link = _link(self.onebot, self.http)
        missed_after = self.phone.missed_after_s if self.phone else 10.0
        self.calls = Calls(db, ports, timedelta(seconds=missed_after))
        self.media = Media(ports, db, attachments.keep, attachments.limits.max_bytes)
        self._fetch_from()

    async def take(self, message: ChannelMessage, address: dict[str, str]) -> None:
        """Remember where to answer, and publish. Raises NotTaken."""
        await self.ports.take([(await self.media.settle(message), address)])

    def _fetch_from(self) -> None:
        self.media.sources["wecom-archive"] = ArchivedElsewhere()
        hosts = [*VENDOR_HOSTS, *(self.onebot.media_hosts if self.onebot else ())]
        if wecom := self.wecom:
            secret = wecom.corp_secret.get_secret_value()
            self.media.sources["wecom-media"] = WecomMedia(self.http, wecom.api_url, wecom.corp_id, secret)
            hosts += [*wecom.media_hosts, urlsplit(wecom.api_url).hostname or ""]
        self.media.hosts = tuple(f".{host.lstrip('.')}" for host in hosts if host)


def hub_of(state: State) -> Hub:
    """The hub of the running service, for handlers."""
    hub: Hub = state.service.state["hub"]
    return hub


async def connect(service: Service, channels: Channels, vault: Vault, attachments: Attachments) -> Hub:
    """Open the channels: `service.state` has `ports` and `hub` then, and their background work runs."""
    ports = service.state["ports"] = Ports(service.outbox, service.db, vault)
    hub = service.state["hub"] = Hub(channels, ports, service.db, attachments)
    await service.db[MEDIA].create_indexes(MEDIA_INDEXES)
    service.every(5, "put-off writes", ports.catch_up)
    service.every(2, "media", hub.media.fetch)
    if hub.phone:
        service.every(min(5.0, hub.phone.missed_after_s), "missed calls", hub.calls.announce_missed)
    if hub.wecom and hub.wecom.corp_secret.get_secret_value():
        # Here and not above: it is made from a hub. A fetch that was interrupted goes on without a new announcement.
        from services.intake.channels.wecom.start import customer_service

        customer_service(service, hub)
    return hub


def _envelopes(wecom: WecomSettings | None) -> tuple[Envelope | None, Envelope | None]:
    if wecom is None:
        return None, None
    app = robot = None
    try:
        if wecom.token:
            app = Envelope(wecom.token, wecom.encoding_aes_key.get_secret_value(), (wecom.corp_id,))
        if wecom.robot:
            # A robot's callbacks name the enterprise or, with the newer robots, nobody.
            key = wecom.robot.encoding_aes_key.get_secret_value()
            robot = Envelope(wecom.robot.token, key, (wecom.corp_id, ""))
    except ValueError as error:
        raise ConfigError(f"渠道配置 wecom 有误: {error}") from None
    return app, robot


def _link(onebot: OnebotSettings | None, http: httpx.AsyncClient) -> Link | None:
    return Link(http, onebot.api_url, onebot.access_token.get_secret_value()) if onebot else None
