"""How an alert comes to rest: read, acknowledged, settled at its source, or outweighed by a graver one. Pure."""

from typing import Any

from chassis.message import Moment
from contracts.notify import (
    AcknowledgeAlert,
    InhibitAlert,
    NotificationAcknowledged,
    NotificationRead,
    NotificationSettled,
    ReadAlert,
    SettleAlert,
)
from contracts.obligation import AcknowledgeObligation
from contracts.sla import AcknowledgeClock
from services.notify.alerts.draft import Draft
from services.notify.alerts.model import Alert

NOTICES = {"obligation_notice"}
"""The notice of the day says nothing of reminders: who takes it on has not taken note of those."""


def read(draft: Draft, command: ReadAlert) -> None:
    who = command.actor.id
    if who in draft.alert.read_by:
        return
    draft.change(read_by=(*draft.alert.read_by, who))
    _mark(draft, who, command.recipient, ("delivered",), state="read", read_at=draft.now)
    draft.say(NotificationRead, actor=command.actor, via=command.via)


def acknowledged(draft: Draft, command: AcknowledgeAlert) -> None:
    """The first one counts; the clock or the duty that it tells of is acknowledged with it."""
    alert, who = draft.alert, command.actor.id
    if alert.acknowledged_by is not None:
        return
    draft.change(acknowledged_by=who, acknowledged_at=draft.now, acknowledged_via=command.via)
    about: dict[str, Any] = {
        "case_id": alert.case_id,
        "obligation_id": alert.obligation_id,
        "outage_id": alert.outage_id,
    }
    draft.say(NotificationAcknowledged, actor=command.actor, via=command.via, **about)
    _mark(draft, who, command.recipient, ("delivered", "read"), state="acknowledged", acknowledged_at=draft.now)
    draft.stop(f"{who} 已确认")
    if alert.rule in NOTICES:
        return
    if alert.obligation_id is not None:
        draft.wish(AcknowledgeObligation, obligation_id=alert.obligation_id)
    elif alert.clock is not None and alert.case_id is not None:
        draft.wish(AcknowledgeClock, case_id=alert.case_id, clock=alert.clock, cycle=alert.cycle)


def settled(draft: Draft, command: SettleAlert) -> None:
    """What began after it was dealt with goes on: an event may be heard an hour late."""
    if command.at is None or draft.alert.occurred_at <= command.at:
        _settle(draft, command.reason)


def inhibited(alert: Alert | None, moment: Moment, command: InhibitAlert) -> Draft:
    """Where the graver alert came first, what it outweighs begins settled, and without anything to tell."""
    if alert is not None:
        draft = Draft(alert, moment)
        _settle(draft, command.reason)
        return draft
    nothing = Alert(
        id=moment.aggregate_id, rule=command.rule, urgency="low", title="", body="", audiences=(), count=0,
        queued_at=moment.now, occurred_at=moment.now, settled_at=moment.now, settled_because=command.reason,
    )  # fmt: skip
    return Draft(nothing, moment)


def _settle(draft: Draft, reason: str) -> None:
    if draft.alert.is_over:
        return
    draft.change(settled_at=draft.now, settled_because=reason)
    if draft.alert.count:
        draft.say(NotificationSettled, reason=reason)
    draft.stop(reason)


def _mark(draft: Draft, who: str, recipient: str, states: tuple[str, ...], **facts: object) -> None:
    """Of this person's deliveries, and the inbox's where it was done there."""
    theirs = {recipient or f"staff:{who}", *(() if recipient else draft.alert.audiences)}
    for n, delivery in enumerate(draft.alert.deliveries):
        if delivery.recipient in theirs and delivery.state in states:
            draft.set(n, **facts)
