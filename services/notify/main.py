"""Notify, put together."""

from litestar import Litestar

from chassis.aggregate import Folded
from chassis.follow import Follower
from chassis.http import application
from chassis.service import Service
from chassis.settings import Settings
from services.notify import metrics
from services.notify.api import InboxController, acknowledge, read
from services.notify.fold import folding
from services.notify.people import People
from services.notify.store import Alerts


async def start(service: Service) -> None:
    people = People()
    for stream, hear, forget in (
        ("DIRECTORY", people.hear, people.forget), ("DUTY", people.shifts.hear, people.shifts.forget)
    ):  # fmt: skip
        follower = Follower(service.js, stream, hear, forget)
        service.background(f"{stream.lower()} picture", follower.run())
        await follower.caught_up()
    service.listen(Folded(folding(people), said=metrics.said), Alerts(service.db))


def app(settings: Settings) -> Litestar:
    return application("notify", "医保服务台 · 通知", settings, start, [InboxController, read, acknowledge])
