"""Settings, put together: their loop, their routes, the key that addresses are sealed with."""

from collections.abc import Mapping
from typing import Final

from litestar.types import ControllerRouterHandler

from chassis.aggregate import Folded
from chassis.service import Service
from chassis.vault import Vault
from services.notify.people.calendars import Calendars
from services.notify.people.picture import People
from services.notify.preferences.fold import fold
from services.notify.preferences.key import check_key
from services.notify.preferences.recipients_api import RecipientController, add_browser, try_out
from services.notify.preferences.rules_api import RuleController
from services.notify.preferences.silences_api import SilenceController
from services.notify.preferences.store import SettingStore
from services.notify.preferences.templates_api import TemplateController

ROUTES: Final[list[ControllerRouterHandler]] = [
    RuleController, TemplateController, RecipientController, SilenceController, add_browser, try_out,
]  # fmt: skip


async def start_preferences(
    service: Service, key: bytes, people: People, calendars: Calendars, kinds: Mapping[str, str]
) -> Vault:
    """The vault that opens addresses. `key` is the desk's secret key; `kinds` are those of the configured providers by
    name, in the file's order.

    Raises KeyDiffers when addresses were sealed with another key.
    """
    vault = service.state["vault"] = Vault(key)
    await check_key(service.db, key)
    store = SettingStore(service.db)
    service.state.update(setting_store=store, people=people, calendars=calendars, provider_kinds=kinds)
    service.listen(Folded(fold), store, part="setting")
    return vault
