"""Ways to act on an alert without signing in, put together: links in messages, answers to them, a browser's key."""

from collections.abc import Mapping

from chassis.service import Service
from chassis.vault import Vault, load_key
from services.notify.answers import Answers, senders_of
from services.notify.links.codes import Codes
from services.notify.links.tokens import Links
from services.notify.people.picture import People
from services.notify.providers.kinds import ProviderConfig
from services.notify.settings import NotifySettings


def start_links(
    service: Service, settings: NotifySettings, people: People, vault: Vault, providers: Mapping[str, ProviderConfig]
) -> None:
    """What a letter needs is in `service.state` then: `links` (its `link_of`) and `codes` (its `code`)."""
    key = load_key(settings.secret_key.get_secret_value(), settings.data_dir)
    links, codes = Links(key, settings.notify_link_base), Codes(key)
    service.state.update(links=links, codes=codes, push_key=_push_key(providers))
    kinds = {name: config.kind for name, config in providers.items()}
    service.background("answers", Answers(service, codes, senders_of(people, vault, kinds)).run())


def _push_key(providers: Mapping[str, ProviderConfig]) -> dict[str, str] | None:
    """The key with which browsers subscribe; None where no provider pushes to browsers."""
    for name, config in providers.items():
        if config.kind == "web_push":
            from services.notify.transports.web_push import public_key

            return {"provider": name, "key": public_key(config)}
    return None
