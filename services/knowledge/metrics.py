"""What ops watch of articles and their index."""

from prometheus_client import Counter, Gauge, Histogram

from contracts.envelope import Event

SAID = Counter("yibao_article_events_total", "Events said about articles", ["type"])
SEARCH = Histogram(
    "yibao_search_seconds",
    "One search, from text to hits",
    buckets=(0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1),
)
ARTICLES = Gauge("yibao_articles", "Articles that can be found")
LAG = Gauge("yibao_index_lag_messages", "Messages of KNOWLEDGE that the index has not taken in yet")


def said(event: Event) -> None:
    SAID.labels(event.type).inc()
