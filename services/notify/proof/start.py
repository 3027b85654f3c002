"""The proof of delivery, reports and the duty calendar, put together: routes, and what is done daily."""

from datetime import timedelta
from typing import Final

from litestar.types import ControllerRouterHandler

from chassis.feed_token import FeedTokens
from chassis.http import now
from chassis.service import Service
from services.notify.calendar import DutyController
from services.notify.digests.period import Times
from services.notify.digests.report import ahead
from services.notify.digests.schedule import Reporter
from services.notify.people.picture import People
from services.notify.proof.api import ProofController, alert
from services.notify.proof.ledger import Deliveries
from services.notify.proof.retention import EVERY_S, delete_old
from services.notify.settings import NotifySettings

ROUTES: Final[list[ControllerRouterHandler]] = [ProofController, DutyController, alert]


def start_proof(service: Service, settings: NotifySettings, people: People, key: bytes) -> None:
    """`key` is the desk's secret key; the pictures of `people` have caught up."""
    service.state.update(shifts=people.shifts, feed_tokens=FeedTokens(key), proof_key=key)
    deliveries = Deliveries(service.db)
    keep = timedelta(days=settings.notify_keep_days)
    service.every(EVERY_S, "old alerts", lambda: delete_old(deliveries, keep, now()))
    reporter = Reporter(
        service.js, service.outbox, service.db["alerts"], people.wishes.named,
        lambda staff, at: ahead(people.shifts, staff, at),
        people.institution,
        Times.of(settings.notify_daily_at, settings.notify_weekly_at),
    )  # fmt: skip
    service.every(60, "reports", lambda: reporter.look(now()))
