"""Notify, put together."""

from collections.abc import Callable
from datetime import timedelta

from litestar import Litestar

from chassis.aggregate import Folded
from chassis.follow import Follower
from chassis.http import application
from chassis.inbox import NatsInbox
from chassis.service import Service
from chassis.settings import Settings
from chassis.sweep import watch
from contracts.envelope import Event
from contracts.setting import SettingRemoved, SettingSaved
from contracts.topology import durables_of
from services.notify import metrics
from services.notify.alerts.fold import AlertFold, timers
from services.notify.alerts.looking import EVERY_S, look
from services.notify.alerts.plan import Planner
from services.notify.alerts.settled import Settled
from services.notify.alerts.store import Alerts
from services.notify.answers import senders_of
from services.notify.inbox.start import ROUTES as INBOX
from services.notify.inbox.start import start_inbox
from services.notify.links.api import ROUTES as LINKS
from services.notify.links.start import start_links
from services.notify.people.calendars import ASK_EVERY_S, Calendars
from services.notify.people.picture import People
from services.notify.preferences.start import ROUTES as PREFERENCES
from services.notify.preferences.start import start_preferences
from services.notify.proof.start import ROUTES as PROOF
from services.notify.proof.start import start_proof
from services.notify.providers.config import load
from services.notify.providers.start import ROUTES as RECEIPTS
from services.notify.providers.start import start_delivering
from services.notify.providers.writing import Writer
from services.notify.rules.loading import rulebook
from services.notify.settings import NotifySettings
from services.notify.settling import Settling

SWEEP_S, GRACE_S = 10.0, 5.0


async def start(service: Service) -> None:
    settings = NotifySettings()
    providers = load(settings.notify_providers)
    kinds = {name: config.kind for name, config in providers.items()}
    people, calendars, packaged = People(), Calendars(), rulebook()
    fold = AlertFold(packaged, Planner(people, kinds, calendars.hours, settings.notify_limit))

    def heard(event: Event) -> None:
        people.wishes.hear(event)
        if isinstance(event, SettingSaved | SettingRemoved) and event.kind == "rule":
            fold.rulebook = packaged.with_rules(people.rules())

    await _follow(service, people, heard)
    service.every(ASK_EVERY_S, "calendars", lambda: calendars.ask(service.nc))
    settled = Settled(service.db)
    alerts = service.state["alerts"] = Alerts(service.db, fold, settled)
    await alerts.prepare()
    await settled.prepare()
    key = settings.desk_key
    vault = await start_preferences(service, key, people, calendars, kinds)
    senders = senders_of(people, vault, kinds)
    links, codes = start_links(service, key, settings.notify_link_base, senders, providers)
    await start_inbox(service)
    service.listen(Folded(fold, timers=timers, said=metrics.said), alerts)
    watch(service, "alert sweep", alerts, timers, metrics.SWEPT.inc, SWEEP_S, GRACE_S)
    service.every(EVERY_S, "waiting deliveries", lambda: look(alerts, service.outbox))
    _settle(service, Settling(alerts, settled, service.outbox))
    links_valid = timedelta(hours=settings.notify_links_valid_h)
    writer = Writer(lambda: fold.rulebook, people, kinds, links.link_of, codes.code, links_valid)

    def address_of(recipient: str, provider: str) -> str | None:
        return people.address(recipient, provider, kinds[provider], vault)

    await start_delivering(service, providers, address_of, writer)
    start_proof(service, settings, people, key)


async def _follow(service: Service, people: People, heard: Callable[[Event], None]) -> None:
    """Returns when everything that was known before is known here."""
    for stream, hear, forget in (
        ("DIRECTORY", people.hear, people.forget), ("DUTY", people.shifts.hear, people.shifts.forget),
        ("SETTING", heard, people.wishes.forget),
    ):  # fmt: skip
        follower = Follower(service.js, stream, hear, forget)
        service.background(f"{stream.lower()} picture", follower.run())
        await follower.caught_up()


def _settle(service: Service, settling: Settling) -> None:
    for durable in durables_of("notify"):
        if durable.part == "settling":
            service.background(durable.name, settling.run(NatsInbox(service.nc, durable)))


def app(settings: Settings) -> Litestar:
    return application(
        "notify", "医保服务台 · 通知", settings, start, [*INBOX, *LINKS, *PREFERENCES, *PROOF, *RECEIPTS],
    )  # fmt: skip
