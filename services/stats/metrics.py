"""What ops watch of report runs."""

from prometheus_client import Counter, Histogram

from contracts.envelope import Event
from contracts.stats import RunFailed, RunFinished

RUNS = Counter("yibao_report_runs_total", "Report runs that ended", ["report", "outcome"])
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
