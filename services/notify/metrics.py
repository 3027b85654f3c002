"""What ops watch of notifications."""

from prometheus_client import Counter

from contracts.envelope import Event

NOTIFICATIONS = Counter("yibao_notifications_total", "Notifications by channel and outcome", ["channel", "outcome"])


def said(event: Event) -> None:
    NOTIFICATIONS.labels("inbox", event.type.removeprefix("notify.")).inc()
