"""Obligations, put together: their loop, the planner, the sweep."""

from collections.abc import Mapping

from litestar import Controller
from litestar.handlers import HTTPRouteHandler

from chassis.aggregate import Folded
from chassis.feed_token import FeedTokens
from chassis.follow import Follower
from chassis.service import Service
from chassis.sweep import watch
from services.sla.clock import Hours
from services.sla.contracts import Contracts
from services.sla.keeper import Keeper
from services.sla.metrics import SWEPT
from services.sla.obligations import metrics
from services.sla.obligations.api import ObligationController
from services.sla.obligations.definition import ObligationError, load
from services.sla.obligations.evidence import Files
from services.sla.obligations.evidence_api import EvidenceController
from services.sla.obligations.feed_api import feed, subscription
from services.sla.obligations.fold import fold, timers
from services.sla.obligations.planner import Planner
from services.sla.obligations.store import Occurrences
from services.sla.settings import SlaSettings

ROUTES: tuple[type[Controller] | HTTPRouteHandler, ...] = (ObligationController, EvidenceController, feed, subscription)


def start_obligations(
    service: Service, settings: SlaSettings, keeper: Keeper, contracts: Contracts, directory: Follower
) -> None:
    """Raises ObligationError when the definitions cannot be used."""
    occurrences = Occurrences(service.db)

    def calendars() -> Mapping[str, Hours]:
        return keeper.book.editions[-1].calendars

    definitions = load(settings.sla_obligations)
    for definition in definitions:
        if definition.calendar not in calendars():
            raise ObligationError(
                f"服务义务文件 {settings.sla_obligations} 不可用: {definition.name} 的日历 {definition.calendar} "
                f"不存在, 可用 {', '.join(calendars())}"
            )
    planner = Planner(occurrences, service.outbox, definitions, contracts, calendars, directory.check)
    files = Files(service.settings.data_dir, settings.sla_evidence_max_mb)
    files.tidy()
    service.state.update(obligations=occurrences, planner=planner, evidence=files)
    service.state["feed_tokens"] = FeedTokens(service.settings.desk_key)
    service.listen(Folded(fold, timers=timers, said=metrics.said), occurrences, part="obligation")
    service.every(settings.sla_sweep_s, "obligations", planner.look)
    every_s, grace_s = settings.sla_sweep_s, settings.sla_sweep_grace_s
    watch(service, "obligation sweep", occurrences, timers, SWEPT.inc, every_s, grace_s)
    service.every(60, "obligation gauge", lambda: metrics.count(occurrences))
