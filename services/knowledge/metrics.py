"""What ops watch of articles and their index."""

from collections.abc import Mapping
from typing import get_args

from prometheus_client import Counter, Gauge, Histogram

from contracts.envelope import Event
from contracts.knowledge import ArticleState

SAID = Counter("yibao_article_events_total", "Events said about articles", ["type"])
SEARCH = Histogram(
    "yibao_search_seconds",
    "One search, from text to hits",
    buckets=(0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1),
)
ARTICLES = Gauge("yibao_articles", "Articles that can be found")
LAG = Gauge("yibao_index_lag_messages", "Messages of KNOWLEDGE that the index has not taken in yet")
STATES = Gauge("yibao_article_states", "Articles by state", ["state"])
REBUILDING = Gauge("yibao_index_rebuilding", "1 while the index is built anew")
REBUILT = Gauge("yibao_index_rebuilt_messages", "Messages that the last rebuild has read")
DIFFERS = Gauge("yibao_index_differs", "Articles that the index does not show as the database holds them")


def said(event: Event) -> None:
    SAID.labels(event.type).inc()


def count(by_state: Mapping[str, int]) -> None:
    """A state without articles is 0, so that its line does not stop at the last one."""
    for state in get_args(ArticleState):
        STATES.labels(state).set(by_state.get(state, 0))
