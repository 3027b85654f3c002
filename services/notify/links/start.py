"""Ways to act on an alert without signing in, put together: links in messages, answers to them, a browser's key."""

from collections.abc import Mapping

from chassis.service import Service
from services.notify.answers import Answers, Senders
from services.notify.links.codes import Codes
from services.notify.links.tokens import Links
from services.notify.providers.kinds import ProviderConfig


def start_links(
    service: Service, key: bytes, base: str, senders: Senders, providers: Mapping[str, ProviderConfig]
) -> tuple[Links, Codes]:
    """What a letter needs. `key` is the desk's secret key; `base` is the address that people reach notify at."""
    links, codes = Links(key, base), Codes(key)
    service.state.update(links=links, push_key=_push_key(providers))
    service.background("answers", Answers(service, codes, senders).run())
    return links, codes


def _push_key(providers: Mapping[str, ProviderConfig]) -> dict[str, str] | None:
    """The key with which browsers subscribe; None where no provider pushes to browsers."""
    for name, config in providers.items():
        if config.kind == "web_push":
            from services.notify.transports.web_push import public_key

            return {"provider": name, "key": public_key(config)}
    return None
