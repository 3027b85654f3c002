"""SLA, put together."""

from litestar import Litestar

from chassis.aggregate import Folded
from chassis.follow import Follower
from chassis.http import application
from chassis.service import Service
from chassis.settings import Settings
from chassis.sweep import watch
from contracts.envelope import Event
from services.sla import metrics
from services.sla.api import ClockController
from services.sla.attainment import start as attainment
from services.sla.auditor import Auditor
from services.sla.book import Book
from services.sla.canary import Canary
from services.sla.contracts import Contracts
from services.sla.editions import Editions
from services.sla.fold import SlaFold, timers
from services.sla.keeper import Keeper
from services.sla.obligations.start import ROUTES as OBLIGATIONS
from services.sla.obligations.start import start_obligations
from services.sla.promises_api import PromiseController
from services.sla.rebind import Rebinder
from services.sla.settings import SlaSettings
from services.sla.store import Clocks
from services.sla.telling import answer_calendars


async def start(service: Service) -> None:
    settings = SlaSettings()
    clocks, contracts = Clocks(service.db), Contracts()
    keeper = Keeper(Editions(service.db), settings.sla_policies, settings.sla_calendars)
    await keeper.open()
    fold = SlaFold(keeper.book, contracts)

    def changed(book: Book) -> None:
        fold.book = book

    keeper.changed = changed
    service.state.update(clocks=clocks, keeper=keeper)
    follower = Follower(service.js, "DIRECTORY", contracts.hear, contracts.forget)
    service.background("directory", follower.run())
    await follower.caught_up()
    canary = Canary(clocks, service.outbox)

    def said(event: Event) -> None:
        if not canary.heard(event):
            metrics.said(event)

    service.listen(Folded(fold, timers=timers, said=said), clocks)
    await attainment.start(service, lambda: keeper.book)
    answer_calendars(service, lambda: keeper.book)
    start_obligations(service, settings, keeper, contracts, follower)
    _watch(service, settings, clocks, keeper, fold)
    if settings.sla_canary_s:
        service.every(settings.sla_canary_s, "canary", canary.sing)


def _watch(service: Service, settings: SlaSettings, clocks: Clocks, keeper: Keeper, fold: SlaFold) -> None:
    """What is done again and again beside the loop."""
    rebinder = service.state["rebinder"] = Rebinder(clocks, service.outbox, keeper)
    auditor = Auditor(service.js, clocks, fold, settings.sla_audit_hour)
    every_s, grace_s = settings.sla_sweep_s, settings.sla_sweep_grace_s
    watch(service, "sweep", clocks, timers, metrics.SWEPT.inc, every_s, grace_s)
    service.every(settings.sla_sweep_s, "promises", rebinder.keep_up)
    service.every(60, "clock gauge", lambda: metrics.count(clocks))
    service.every(60, "audit", auditor.at_night)


def app(settings: Settings) -> Litestar:
    routes = [ClockController, PromiseController, *attainment.ROUTES, *OBLIGATIONS]
    return application("sla", "医保服务台 · 时限", settings, start, routes)
