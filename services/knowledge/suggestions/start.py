"""Suggestions, put together: what is heard, looked up and served."""

from collections.abc import Awaitable, Callable
from typing import Final

from litestar.types import ControllerRouterHandler

from chassis.aggregate import Folded
from chassis.service import Service
from services.knowledge.suggestions import metrics
from services.knowledge.suggestions.api import SuggestionController, similar
from services.knowledge.suggestions.candidates import Likes
from services.knowledge.suggestions.fold import fold
from services.knowledge.suggestions.lookup import Finder
from services.knowledge.suggestions.reports import gap_report, usage_report
from services.knowledge.suggestions.store import Suggestions

ROUTES: Final[list[ControllerRouterHandler]] = [SuggestionController, similar, gap_report, usage_report]


def start_suggestions(service: Service, index: Likes, level: Callable[[], Awaitable[None]]) -> None:
    """`level` raises while the index does not show yet what the stream holds; cases wait for it once."""
    finder = service.state["finder"] = Finder(index, service.db, level)
    suggestions = service.state["suggestions"] = Suggestions(service.db, finder)
    service.listen(Folded(fold, said=metrics.said), suggestions, part="suggestion")
