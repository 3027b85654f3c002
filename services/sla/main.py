"""SLA, put together."""

from litestar import Litestar

from chassis.aggregate import Folded
from chassis.http import application
from chassis.service import Service
from chassis.settings import Settings
from services.sla import metrics, policy
from services.sla.api import ClockController
from services.sla.fold import SlaFold, timers
from services.sla.settings import SlaSettings
from services.sla.store import Clocks
from services.sla.sweep import sweep


async def start(service: Service) -> None:
    settings = SlaSettings()
    clocks = Clocks(service.db)
    fold = SlaFold(policy.load(settings.sla_policies))
    service.listen(Folded(fold, timers=timers, said=metrics.said), clocks)
    service.every(settings.sla_sweep_s, "sweep", lambda: sweep(clocks, service.outbox, settings.sla_sweep_grace_s))
    service.every(60, "clock gauge", lambda: metrics.count(clocks))


def app(settings: Settings) -> Litestar:
    return application("sla", "医保服务台 · 时限", settings, start, [ClockController])
