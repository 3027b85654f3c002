"""What ops watch of cases."""

from contextlib import suppress

from prometheus_client import REGISTRY, Counter, Gauge

from contracts.envelope import Event
from services.intake.store import Cases

SAID = Counter("yibao_case_events_total", "Events said about cases", ["type"])
MAILS = Counter("yibao_mails_total", "Mails read from the mailbox", ["outcome"])
MAILBOX = Gauge("yibao_mailbox_connected", "1 while the mailbox can be read", registry=None)
REPLIES = Counter("yibao_channel_replies_total", "Replies sent by intake itself", ["channel", "outcome"])
CASES = Gauge("yibao_cases", "Cases by state and category", ["status", "category"])


def show_mailbox() -> None:
    """The gauge is there from now on: a desk without a mailbox is not one whose mailbox is away."""
    with suppress(ValueError):  # it is already
        REGISTRY.register(MAILBOX)


def said(event: Event) -> None:
    SAID.labels(event.type if event.type.startswith("case.") else "channel.out").inc()


async def count(cases: Cases) -> None:
    """Set the gauge to what is stored now; states that nothing is in any more disappear."""
    counted = await cases.by_status_and_category()
    CASES.clear()
    for (status, category), n in counted.items():
        CASES.labels(status, category).set(n)
