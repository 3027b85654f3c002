"""Stats, put together."""

from litestar import Litestar

from chassis.aggregate import Folded
from chassis.http import application
from chassis.service import Service
from chassis.settings import Settings
from services.stats import metrics
from services.stats.api import DEFINITIONS, RunController, reports, upload
from services.stats.definition import hashes
from services.stats.executor import Executor
from services.stats.fold import folding
from services.stats.settings import StatsSettings
from services.stats.store import Runs


async def start(service: Service) -> None:
    runs = Runs(service.db)
    service.listen(Folded(folding(hashes(DEFINITIONS)), said=metrics.said), runs, only=("COMMAND",))
    service.background("executor", Executor(service, runs, StatsSettings()).run())


def app(settings: Settings) -> Litestar:
    return application("stats", "医保服务台 · 统计", settings, start, [upload, reports, RunController])
