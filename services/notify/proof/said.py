"""What the NOTIFY stream says of one alert, as far as a proof of delivery is compared with it. Pure."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

import msgspec

from contracts.delivery import DELIVERY_NAMES
from contracts.notify import URGENCY_NAMES
from services.notify.digests.names import rule_name
from services.notify.proof.row import masked, moment, plain

SUBJECTS = tuple(
    f"notify.{name}" for name in ("queued", "grew", "delivered", "undelivered", "received", "read", "acknowledged")
)


class Heard(msgspec.Struct):
    """The part of an event of NOTIFY that is compared."""

    type: str
    recorded_at: datetime
    alert_id: str
    audience: str = ""
    delivery: int = -1
    provider: str = ""
    outcome: str = ""
    attempt: int = 0
    repeat: bool = False
    receipt: str = ""
    rule: str = ""
    urgency: str = ""
    title: str = ""
    number: str = ""
    count: int = 1


class Sent(NamedTuple):
    """A hand-over, its values as they are written in a line."""

    provider: str
    at: str
    recipient: str
    attempts: str
    repeat: bool


def _by_delivery() -> "defaultdict[str, set[tuple[str, ...]]]":
    return defaultdict(set)


@dataclass(slots=True)
class Said:
    """Of one alert, as a line would say it: deliveries by number, times in Beijing. `began` is the first time that it
    was in an inbox, `grown` how many events it has told of.
    """

    about: set[tuple[str, str, str]] = field(default_factory=set)
    titles: set[str] = field(default_factory=set)
    began: str = ""
    grown: int = 1
    shown: set[tuple[str, str]] = field(default_factory=set)
    sent: defaultdict[str, set[Sent]] = field(default_factory=lambda: defaultdict(set))
    ended: defaultdict[str, set[tuple[str, ...]]] = field(default_factory=_by_delivery)
    receipts: set[tuple[str, str]] = field(default_factory=set)
    read: set[str] = field(default_factory=set)
    acknowledged: set[str] = field(default_factory=set)

    def hear(self, event: Heard) -> None:
        """In whatever order."""
        at, nth, who = moment(event.recorded_at), str(event.delivery), masked(event.audience)
        match event.type:
            case "notify.queued":
                self.shown.add((who, at))
                self.began = min(self.began or at, at)
                self.titles.add(plain(event.title))
                self.about.add((rule_name(event.rule), URGENCY_NAMES[event.urgency], event.number))  # type: ignore[index]
            case "notify.grew":
                self.titles.add(plain(event.title))
                self.grown = max(self.grown, event.count)
            case "notify.delivered":
                self.sent[nth].add(Sent(event.provider, at, who, str(event.attempt), event.repeat))
            case "notify.undelivered":
                self.ended[nth].add((DELIVERY_NAMES[event.outcome], who))  # type: ignore[index]
            case "notify.received":
                self.receipts.add((nth, event.receipt))
            case "notify.read":
                self.read.add(at)
            case "notify.acknowledged":
                self.acknowledged.add(at)
