"""Knowledge, put together."""

import asyncio

from litestar import Litestar, Router
from litestar.di import Provide

from chassis.aggregate import Folded
from chassis.http import application
from chassis.service import Service
from chassis.settings import Settings
from services.knowledge import metrics
from services.knowledge.api import ArticleController, search
from services.knowledge.feed import Feed
from services.knowledge.fold import fold
from services.knowledge.index import ArticleIndex
from services.knowledge.store import Articles


def app(settings: Settings) -> Litestar:
    index = ArticleIndex(settings.data_dir / "knowledge")

    async def start(service: Service) -> None:
        await asyncio.to_thread(index.open)
        feed = Feed(service.js, index)
        service.listen(Folded(fold, said=metrics.said), Articles(service.db))
        service.background("index feed", feed.run())
        service.health.add("index", feed.check)

    the_index = Provide(lambda: index, sync_to_thread=False)
    routes = Router("/", route_handlers=[search, ArticleController], dependencies={"index": the_index})
    return application("knowledge", "医保服务台 · 知识", settings, start, [routes])
