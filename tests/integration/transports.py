"""Transports as notify has them, against the fake vendors: shared by the tests of transports."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from chassis.posting import client
from services.notify.providers.build import build
from services.notify.providers.config import load
from services.notify.transports.port import Letter, Sent, Transport
from tests.support.providers import Vendors, vendors
from tests.support.providers.sections import addresses, written

HTTP = ("robot", "app", "dingtalk", "feishu", "sms", "webhook", "push")
LINK = "https://desk.example/a/link-token-of-tests"


@dataclass
class Bench:
    """`send` hands a letter over by the provider of that name."""

    there: Vendors
    transports: dict[str, Transport]
    addresses: dict[str, str]

    async def send(self, name: str, **more: Any) -> Sent:
        return await self.transports[name].send(self.letter(name, **more))

    def letter(self, name: str, **more: Any) -> Letter:
        facts = {
            "id": f"alert-1.{name}", "alert_id": "alert-1", "recipient": "staff:zhang", "address": self.addresses[name],
            "urgency": "urgent", "title": "【紧急】接口超时", "body": "结算接口 10 分钟没有应答", "link": LINK,
        }  # fmt: skip
        letter = Letter(**{**facts, **more})
        titled = getattr(self.transports[name], "titled", False)
        return letter if titled else replace(letter, body=f"{letter.title}\n{letter.body}")


def vendor(bench: Bench, name: str) -> Any:
    """The fake vendor behind a provider's name."""
    return bench.there.receiver if name == "webhook" else getattr(bench.there, name)


@asynccontextmanager
async def transports(directory: Path, *names: str, **more: Any) -> AsyncIterator[Bench]:
    """These providers, all without names; `more` is laid over the section of each, URL stands for the vendors'."""
    async with vendors() as there, client() as http:
        laid = {
            key: value.replace("URL", there.url) if isinstance(value, str) else value for key, value in more.items()
        }
        configs = load(written(there, directory / "providers.yaml", *names, **laid), {})
        made = {name: build(config, http) for name, config in configs.items()}
        yield Bench(there, made, addresses(there))
