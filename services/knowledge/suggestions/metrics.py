"""What ops watch of suggestions."""

import time

from prometheus_client import Counter, Histogram

from contracts.envelope import Event
from contracts.suggestion import SuggestionJudged, SuggestionMade

MADE = Counter("yibao_suggestions_made_total", "Lists of suggestions that were new or changed")
JUDGED = Counter("yibao_suggestion_verdicts_total", "Verdicts of staff on suggestions", ["verdict"])
DELAY = Histogram(
    "yibao_suggestion_seconds",
    "From the case event to the suggestion",
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900),
)


def said(event: Event) -> None:
    if isinstance(event, SuggestionMade):
        MADE.inc()
        DELAY.observe(max(0.0, time.time() - event.occurred_at.timestamp()))
    elif isinstance(event, SuggestionJudged):
        JUDGED.labels(event.verdict).inc()
