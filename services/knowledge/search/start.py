"""Search, put together: the index follows its stream and is compared with the database now and then."""

import asyncio
from typing import Final

from litestar.types import ControllerRouterHandler

from chassis.service import Service
from services.knowledge.articles.store import COLLECTION
from services.knowledge.search.api import IndexController, SearchController
from services.knowledge.search.comparison import EVERY_S, Comparison
from services.knowledge.search.feed import Feed
from services.knowledge.search.index import ArticleIndex

ROUTES: Final[list[ControllerRouterHandler]] = [SearchController, IndexController]


async def start_search(service: Service, index: ArticleIndex) -> Feed:
    """The index is open when this returns, and level with its stream some time later: `Feed.check` says when.

    Raises IndexInUse.
    """
    await asyncio.to_thread(index.open)
    feed = Feed(service.js, index)
    comparison = Comparison(service.db[COLLECTION], index)
    service.state.update(index=index, feed=feed, comparison=comparison)
    service.background("index feed", feed.run())
    service.background("index rebuild", feed.rebuilds())
    service.health.add("index", feed.check)

    async def compare() -> None:
        await feed.level()
        await comparison.compare()

    service.every(EVERY_S, "index comparison", compare)
    return feed
