"""Deletes alerts that are over and old, once a day. What was said about them stays in the NOTIFY stream as long as the
stream keeps it.
"""

from datetime import datetime, timedelta

from prometheus_client import Counter

from chassis.logging import logger
from services.notify.proof.ledger import Deliveries

DELETED = Counter("yibao_alerts_deleted_total", "Alerts that were over and older than they are kept")
EVERY_S = 86_400.0

log = logger(__name__)


async def delete_old(deliveries: Deliveries, keep: timedelta, now: datetime) -> int:
    """Returns how many were deleted."""
    deleted = await deliveries.delete_old(now - keep, now)
    DELETED.inc(deleted)
    if deleted:
        log.info("old alerts deleted", alerts=deleted, keep_days=keep.days)
    return deleted
