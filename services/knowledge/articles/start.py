"""Articles, put together: their loop, and what looks at them now and then."""

from typing import Final

from litestar.types import ControllerRouterHandler

from chassis.aggregate import Folded
from chassis.service import Service
from services.knowledge import metrics
from services.knowledge.articles import duty, review, similar, sweep, views
from services.knowledge.articles.api import ArticleController
from services.knowledge.articles.fold import fold
from services.knowledge.articles.review import ReviewController
from services.knowledge.articles.store import Articles
from services.knowledge.articles.work_api import ArticleWorkController

ROUTES: Final[list[ControllerRouterHandler]] = [ArticleController, ArticleWorkController, ReviewController]
_COUNT_S: Final = 60.0


def start_articles(service: Service, index: similar.Likes) -> Articles:
    """The index has to be open."""
    finder = similar.Finder(index)
    articles = service.state["articles"] = Articles(service.db, finder)
    viewed = service.state["views"] = views.Views(service.outbox)
    reviews = duty.Duty(service, articles)
    service.listen(Folded(fold, said=metrics.said), articles)
    service.every(views.EVERY_S, "article views", viewed.flush)
    service.every(review.EVERY_S, "article reviews", lambda: review.question_due(articles, service.outbox))
    service.every(duty.EVERY_S, "review duty", reviews.look)
    swept = service.state["sweep"] = sweep.Sweep(articles, finder, service.outbox)
    service.every(sweep.EVERY_S, "duplicates", swept.on)
    service.every(_COUNT_S, "article gauge", lambda: _count(articles))
    return articles


async def _count(articles: Articles) -> None:
    metrics.count((await articles.count({}, "state.state", hint="by_state"))[0])
