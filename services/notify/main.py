"""Notify, put together."""

from collections.abc import Callable

from litestar import Litestar

from chassis.aggregate import Folded
from chassis.follow import Follower
from chassis.http import application
from chassis.inbox import NatsInbox
from chassis.service import Service
from chassis.settings import Settings
from chassis.sweep import watch
from contracts.envelope import Event
from contracts.topology import durables_of
from services.notify import metrics
from services.notify.alerts.fold import AlertFold, timers
from services.notify.alerts.plan import Planner
from services.notify.alerts.store import Alerts
from services.notify.inbox.start import ROUTES as INBOX
from services.notify.inbox.start import start_inbox
from services.notify.people.calendars import ASK_EVERY_S, Calendars
from services.notify.people.picture import People
from services.notify.providers.config import load
from services.notify.rules.loading import rulebook
from services.notify.settings import NotifySettings
from services.notify.settling import Settling

SWEEP_S, GRACE_S = 10.0, 5.0


async def start(service: Service) -> None:
    settings = NotifySettings()
    people, calendars = People(), Calendars()
    providers = load(settings.notify_providers)
    packaged = rulebook()
    planner = Planner(people, {n: p.kind for n, p in providers.items()}, calendars.hours, settings.notify_limit)
    fold = AlertFold(packaged, planner)

    def set_(event: Event) -> None:
        people.wishes.hear(event)
        fold.rulebook = packaged.with_rules(people.rules())

    await _follow(service, people, set_)
    service.every(ASK_EVERY_S, "calendars", lambda: calendars.ask(service.nc))
    alerts = Alerts(service.db, fold)
    await alerts.prepare()
    service.state.update(alerts=alerts, people=people, settings=settings, fold=fold)
    service.listen(Folded(fold, timers=timers, said=metrics.said), alerts)
    watch(service, "alert sweep", alerts, timers, metrics.SWEPT.inc, SWEEP_S, GRACE_S)
    _settle(service, alerts)
    await start_inbox(service)


async def _follow(service: Service, people: People, set_: Callable[[Event], None]) -> None:
    """Returns when everything that was known before is known here."""
    for stream, hear, forget in (
        ("DIRECTORY", people.hear, people.forget), ("DUTY", people.shifts.hear, people.shifts.forget),
        ("SETTING", set_, people.wishes.forget),
    ):  # fmt: skip
        follower = Follower(service.js, stream, hear, forget)
        service.background(f"{stream.lower()} picture", follower.run())
        await follower.caught_up()


def _settle(service: Service, alerts: Alerts) -> None:
    settling = Settling(alerts, service.outbox)
    for durable in durables_of("notify"):
        if durable.part == "settling":
            service.background(durable.name, settling.run(NatsInbox(service.nc, durable)))


def app(settings: Settings) -> Litestar:
    return application("notify", "医保服务台 · 通知", settings, start, [*INBOX])
