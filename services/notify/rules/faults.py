"""What ops see of templates that fail on an event: the alert goes out in plain words, its rule wants mending."""

import structlog
from prometheus_client import Counter

TEMPLATE_FAULTS = Counter(
    "yibao_notify_template_faults_total", "Templates of alert rules that failed on an event, by part", ["part"]
)
_log = structlog.get_logger(__name__)


def complain(rule: str, part: str, why: str) -> None:
    """`rulebook.Complain`: one line and one count; nothing of the event."""
    TEMPLATE_FAULTS.labels(part.partition(" ")[0]).inc()  # names of templates are for the log
    _log.warning("template failed", rule=rule, part=part, error=why)
