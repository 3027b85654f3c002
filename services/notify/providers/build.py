"""From a provider of the file to its transport; a kind's module is loaded only where a provider is of that kind."""

from importlib import import_module
from typing import TYPE_CHECKING, cast

from services.notify.providers.config import ProviderConfig
from services.notify.transports.port import Transport

if TYPE_CHECKING:
    import httpx

# Names instead of imports: each brings libraries that cost memory from the moment they are loaded.
_CLASSES = {
    "email": "Email", "wecom_robot": "WecomRobot", "wecom_app": "WecomApp", "dingtalk": "Dingtalk", "feishu": "Feishu",
    "sms": "Sms", "webhook": "Webhook", "web_push": "WebPush",
}  # fmt: skip


def build(config: ProviderConfig, http: "httpx.AsyncClient") -> Transport:
    """The transport; `http` stays its owner's to close. Raises CannotStart where a key or a template is no good."""
    module = import_module(f"services.notify.transports.{config.kind}")
    return cast(Transport, getattr(module, _CLASSES[config.kind])(config, http))
