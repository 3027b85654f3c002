"""Obligations, put together: their loop, the planner, the sweep."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from litestar.handlers import HTTPRouteHandler

from chassis.aggregate import Folded
from chassis.follow import Follower
from chassis.logging import logger
from chassis.outgoing import Outgoing
from chassis.service import Service
from services.sla import metrics as clocks
from services.sla.clock import Hours
from services.sla.contracts import Contracts
from services.sla.keeper import Keeper
from services.sla.obligations import metrics
from services.sla.obligations.api import ObligationController
from services.sla.obligations.definition import ObligationError, load
from services.sla.obligations.evidence import Files
from services.sla.obligations.feed_api import feed
from services.sla.obligations.fold import fold, timers
from services.sla.obligations.planner import Planner
from services.sla.obligations.store import Occurrences
from services.sla.settings import SlaSettings

ROUTES: tuple[type[ObligationController] | HTTPRouteHandler, ...] = (ObligationController, feed)

log = logger(__name__)


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
    service.state.update(obligations=occurrences, planner=planner, evidence=files)
    service.listen(Folded(fold, timers=timers, said=metrics.said), occurrences, part="obligation")
    grace = timedelta(seconds=settings.sla_sweep_grace_s)

    async def sweep() -> None:
        """As for clocks: fire what should have fired, and count it."""
        late = [t for d in await occurrences.late(datetime.now(UTC) - grace) if d.state for t in timers(d.state)]
        await service.outbox.publish([Outgoing("due.obligation", t.body.model_dump_json().encode()) for t in late])
        clocks.SWEPT.inc(len(late))
        if late:
            log.warning("the sweep caught timers that did not fire", timers=len(late))

    service.every(settings.sla_sweep_s, "obligations", planner.look)
    service.every(settings.sla_sweep_s, "obligation sweep", sweep)
    service.every(60, "obligation gauge", lambda: metrics.count(occurrences))
