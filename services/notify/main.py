"""Notify, put together."""

from litestar import Litestar

from chassis.aggregate import Folded
from chassis.http import application
from chassis.service import Service
from chassis.settings import Settings
from services.notify import metrics
from services.notify.api import InboxController, acknowledge, read
from services.notify.fold import fold
from services.notify.store import Alerts


async def start(service: Service) -> None:
    service.listen(Folded(fold, said=metrics.said), Alerts(service.db))


def app(settings: Settings) -> Litestar:
    return application("notify", "医保服务台 · 通知", settings, start, [InboxController, read, acknowledge])
