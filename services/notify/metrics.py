"""What ops watch of notifications."""

from prometheus_client import Counter, Gauge, Histogram

from contracts.envelope import Event
from contracts.notify import AlertEvent

NOTIFICATIONS = Counter("yibao_notifications_total", "Notifications by channel and outcome", ["channel", "outcome"])
DELIVERIES = Counter("yibao_deliveries_total", "Attempts by what they came to", ["provider", "outcome"])
HANDOVER = Histogram(
    "yibao_delivery_handover_seconds",
    "From the event to the provider's word that it has taken the message",
    ["provider"],
    buckets=(0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600),
)
PROVIDER_OPEN = Gauge("yibao_provider_open", "1 while a provider is not used because it kept failing", ["provider"])
PROVIDER_PAUSES = Counter("yibao_provider_pauses_total", "Times that a provider asked everybody to wait", ["provider"])
RECEIPTS = Counter("yibao_receipts_total", "Receipts of providers by what they came to", ["provider", "outcome"])

SWEPT = Counter(
    "yibao_notify_sweep_catches_total", "Timers of alerts that did not fire and were caught by the sweep; should stay 0"
)


def said(event: Event) -> None:
    """Every word about an alert once; work for providers is counted by their workers."""
    if isinstance(event, AlertEvent):
        NOTIFICATIONS.labels("inbox", event.type.removeprefix("notify.")).inc()
