"""Who is told in the notify bench, and by what: 200 people, five providers of five kinds, one dead and one slow."""

import json
import socket
from pathlib import Path
from typing import Any, NamedTuple

import httpx

from bench.world import World
from services.notify.rules import loading
from tests.support.providers import dingtalk, feishu, receiver, sms, wecom
from yibao.signing import Signed, on_this_machine

PEOPLE = 200
WORKERS = 32
DEAD, SLOW = "dingtalk", "app"
HEALTHY = ("webhook", "feishu", "sms")
PROVIDERS = (*HEALTHY, DEAD, SLOW)
RULE = "breach"


class Person(NamedTuple):
    """Reached by `first`; where that fails, by `second`, which is healthy."""

    n: int
    first: str
    second: str

    @property
    def id(self) -> str:
        return f"p{self.n}"


def people() -> list[Person]:
    """As many for each provider."""
    return [Person(n, PROVIDERS[n % 5], _second(PROVIDERS[n % 5], n // 5)) for n in range(PEOPLE)]


def _second(first: str, turn: int) -> str:
    others = [name for name in HEALTHY if name != first]
    return others[turn % len(others)]


def addresses(person: Person, url: str) -> dict[str, str]:
    """By provider."""
    return {
        "webhook": f"{url}/hook/{person.id}", "feishu": person.id, "sms": _phone(person), DEAD: "", SLOW: person.id,
    }  # fmt: skip


def _phone(person: Person) -> str:
    return f"138{person.n:08}"


def is_his(person: Person, vendor: str, to: str) -> bool:
    """Whether what `vendor` gave to `to` has reached this person."""
    return to == {"webhook": f"/hook/{person.id}", "sms": _phone(person)}.get(vendor, person.id)


def nobody_listens() -> socket.socket:
    """A port of loopback that refuses connections until it is closed: so it is with a host that is down."""
    taken = socket.socket()
    taken.bind(("127.0.0.1", 0))
    return taken


def write_providers(path: Path, url: str, dead_port: int) -> None:
    """The file of providers. No limits of rate: the desk is measured, not what vendors publish. JSON is YAML.

    With so many workers the slow one takes eleven in a second, half of what it is given: the rest goes another way.
    """
    more: dict[str, Any] = {"rate": None, "workers": WORKERS}
    there = {**more, "base_url": url}
    sections = {
        "webhook": {**more, "kind": "webhook", "allowed": [f"{url}/hook/"], "secret": receiver.SECRET},
        "feishu": {**there, "kind": "feishu", "hook": feishu.HOOK, "secret": feishu.SECRET},
        "sms": {**sms.CONFIG, **there},
        DEAD: {
            **more, "kind": "dingtalk", "access_token": dingtalk.TOKEN, "secret": dingtalk.SECRET,
            "base_url": f"http://127.0.0.1:{dead_port}",
        },
        SLOW: {
            **there, "kind": "wecom_app", "corp_id": wecom.CORP, "agent_id": wecom.AGENT, "secret": wecom.SECRET,
        },
    }  # fmt: skip
    path.write_text(json.dumps({"providers": sections}))


async def introduce(world: World, everybody: list[Person], vendors: str) -> None:
    """Through the API, as staff do it: the shipped rule of breaches, and where each is reached.

    Without its steps, which would call others after five minutes: nobody acknowledges here, and the run is longer. And
    without what it inhibits: nobody was warned of these breaches, so there is nothing to be stopped.
    """
    auth = Signed(world.settings, on_this_machine("bench"))
    async with httpx.AsyncClient(base_url=world.settings.url("notify"), auth=auth, timeout=30) as http:
        shipped = next(rule for rule in loading.rules() if rule.name == RULE)
        await _put(http, f"/settings/rules/{RULE}", {**shipped.model_dump(mode="json"), "steps": [], "inhibits": []})
        for person in everybody:
            known = addresses(person, vendors)
            ways = [{"provider": name, "address": known[name]} for name in (person.first, person.second)]
            await _put(http, f"/settings/recipients/staff:{person.id}", {"endpoints": ways, "at_most": 100_000})


async def _put(http: httpx.AsyncClient, path: str, body: dict[str, Any]) -> None:
    answer = await http.put(path, json=body)
    if answer.is_error:
        raise RuntimeError(f"{path}: {answer.text}")
