"""Stats, put together."""

from hashlib import blake2b

from litestar import Litestar
from litestar.types import ControllerRouterHandler

from chassis.aggregate import Folded
from chassis.calendars.book import CalendarBook
from chassis.http import application
from chassis.service import Service
from chassis.settings import Settings
from services.stats import metrics
from services.stats.datasets import fold as datasets_fold
from services.stats.datasets.store import Datasets
from services.stats.definitions import fold as definitions
from services.stats.definitions.api import DefinitionController, ReportController
from services.stats.definitions.book import Book
from services.stats.definitions.store import Definitions
from services.stats.feeds.api import FeedController
from services.stats.feeds.config import load as load_feeds
from services.stats.feeds.watching import EVERY_S, Watching
from services.stats.reconcile.api import ReconciliationController
from services.stats.reconcile.start import start_reconciliations
from services.stats.reconcile.summed import totals
from services.stats.runs import fold as runs_fold
from services.stats.runs import keeping
from services.stats.runs.api import RunController
from services.stats.runs.downloads import DOWNLOADS
from services.stats.runs.executor import Executor
from services.stats.runs.preparing import Preparing
from services.stats.runs.showing import table
from services.stats.runs.store import Runs
from services.stats.schedules import fold as schedules_fold
from services.stats.schedules import planner
from services.stats.schedules.api import ScheduleController
from services.stats.schedules.store import Schedules
from services.stats.settings import StatsSettings
from services.stats.sources.api import DatasetController, TableController, upload

ROUTES: list[ControllerRouterHandler] = [
    upload, TableController, DatasetController, ReportController, DefinitionController, RunController,
    ScheduleController, ReconciliationController, FeedController, *DOWNLOADS, table, totals,
]  # fmt: skip


async def start(service: Service) -> None:
    settings, db = StatsSettings(), service.db
    book = Book(definitions_store := Definitions(db))
    runs, datasets, schedules = Runs(db, book), Datasets(db), Schedules(db)
    calendars = CalendarBook.load()
    service.state.update(
        settings=settings, book=book, definitions=definitions_store, runs=runs, datasets=datasets,
        schedules=schedules, calendars=calendars,
    )  # fmt: skip
    service.listen(Folded(runs_fold.fold, said=metrics.said), runs, only=("COMMAND",))
    service.listen(Folded(definitions.fold), definitions_store, part="definition")
    service.listen(Folded(datasets_fold.fold), datasets, part="dataset")
    service.listen(Folded(schedules_fold.fold), schedules, part="schedule")
    start_reconciliations(service)
    feeds = service.state["feeds"] = load_feeds(settings.sources)
    preparing = Preparing(service, runs, book, datasets, feeds, settings, _pseudonyms(service.settings.desk_key))
    service.background("executor", Executor(service, runs, preparing, settings).run())
    service.every(planner.EVERY_S, "schedules", planner.Planner(service, schedules, runs, calendars).look)
    watching = Watching(service, feeds, runs, settings.upload_max_mb)
    service.every(EVERY_S, "folders", watching.look)
    service.every(keeping.EVERY_S, "keeping", keeping.Keeping(service, runs, settings.keep_days).look)


def _pseudonyms(key: bytes) -> bytes:
    """The secret by which the same person is the same token in every table; from the key of the desk's originals."""
    return blake2b(b"pseudonyms of stats", key=key, digest_size=32).digest()


def app(settings: Settings) -> Litestar:
    return application("stats", "医保服务台 · 统计", settings, start, ROUTES)
