"""What ops watch of report runs."""

from prometheus_client import Counter, Gauge, Histogram

from contracts.envelope import Event
from contracts.stats import RunCancelled, RunFailed, RunFinished, RunTaken

RUNS = Counter("yibao_report_runs_total", "Report runs that ended", ["report", "outcome"])
TAKEN = Counter("yibao_report_files_taken_total", "Files of results that were taken away", ["form"])
FEED_UNREADABLE = Gauge("yibao_feed_unreadable", "1 while the watched folder of a feed cannot be read", ["feed"])
FEED_REFUSED = Counter("yibao_feed_files_refused_total", "Files of watched folders that cannot be read in", ["feed"])
SECONDS = Histogram(
    "yibao_report_seconds",
    "From start to end of a report's process",
    ["report"],
    buckets=(0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800),
)


def said(event: Event) -> None:
    match event:
        case RunFinished():
            RUNS.labels(event.report, "finished").inc()
        case RunFailed():
            RUNS.labels(event.report, "failed").inc()
        case RunCancelled():
            RUNS.labels(event.report, "cancelled").inc()
        case RunTaken():
            TAKEN.labels(event.form).inc()
