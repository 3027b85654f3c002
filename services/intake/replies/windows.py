"""The look, every minute, for cases whose channel will soon take no more answers; each is warned of by a command."""

from collections.abc import Sequence
from datetime import datetime

from chassis.broker import NatsOutbox
from chassis.outgoing import from_command
from chassis.store import Document, Raw
from contracts.casework import WarnWindow
from contracts.envelope import SYSTEM, derive_id
from services.intake.model import Case
from services.intake.replies import budget
from services.intake.replies.budget import Limit
from services.intake.replies.fold import OPEN, closing
from services.intake.store import Cases

MOST = 1_000  # at once; the next look finds the rest


class Windows:
    """Publishes WarnWindow; the fold decides whether it still holds."""

    def __init__(self, cases: Cases, outbox: NatsOutbox) -> None:
        self._cases, self._outbox = cases, outbox

    async def sweep(self, now: datetime) -> int:
        """Warn of every window that closes soon; how many there were."""
        due = [d for channel, limit in budget.limits().items() for d in await self._near(channel, limit, now)]
        warnings = [w for d in due if (w := warning(d, now)) is not None]
        await self._outbox.publish(list(map(from_command, warnings)))
        return len(warnings)

    async def _near(self, channel: str, limit: Limit, now: datetime) -> Sequence[Document[Case]]:
        found = [d for query in queries(channel, limit, now) for d in await self._cases.read(query, limit=MOST)]
        return list({d.id: d for d in found}.values())


def queries(channel: str, limit: Limit, now: datetime) -> list[Raw]:
    """Two bounded ranges, each of an index of its own: the window's last hours, and its last answer."""
    same: Raw = {
        "state.channel": channel, "state.current": True, "state.window_warned": {"$ne": True},
        "state.status": {"$in": OPEN},
    }  # fmt: skip
    hours = {"$gt": now - limit.lasts, "$lte": now - limit.lasts + limit.warns}
    found = [{**same, "state.heard_at": hours}]
    if limit.replies > 1:
        found.append({**same, "state.replies": limit.replies - 1, "state.heard_at": {"$gt": now - limit.lasts}})
    return found


def warning(document: Document[Case], now: datetime) -> WarnWindow | None:
    """The command for this window; the same window gives the same command, however often it is looked at."""
    case = document.state
    if case is None or (found := closing(case, now)) is None:
        return None
    id_ = derive_id("warn_window", document.id, found.closes_at.isoformat())
    return WarnWindow(
        id=id_, occurred_at=now, actor=SYSTEM, case_id=document.id, closes_at=found.closes_at, replies_left=found.left
    )
