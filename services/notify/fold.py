"""The pure core of notify: an event becomes one alert, which is then read and acknowledged."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec
from msgspec.structs import replace

from chassis.errors import NotFound, Refused, Unacceptable
from chassis.message import Message, Moment
from contracts.envelope import SYSTEM, Command, Event, derive_id
from contracts.notify import (
    AcknowledgeAlert,
    AlertCommand,
    NotificationAcknowledged,
    NotificationQueued,
    NotificationRead,
    Urgency,
)
from contracts.obligation import AcknowledgeObligation, ObligationNoticed
from contracts.sla import AcknowledgeClock, Clock
from services.notify.people import People
from services.notify.rules import DESK, REMOTE, RESIDENT, RULES, Rule

Folded = tuple["Alert", Sequence[Event | Command]]


class Alert(msgspec.Struct, frozen=True):
    """One alert (通知) in the inbox of each of its audiences; `clock` and `cycle` where it tells of a clock.

    `obligation_id` is that of the duty that it tells of.
    """

    rule: str
    urgency: Urgency
    title: str
    body: str
    audiences: tuple[str, ...]
    queued_at: datetime
    occurred_at: datetime
    case_id: UUID | None = None
    number: str = ""
    clock: Clock | None = None
    cycle: int = 0
    obligation_id: UUID | None = None
    read_by: tuple[str, ...] = ()
    acknowledged_by: str | None = None
    acknowledged_at: datetime | None = None

    @property
    def state(self) -> Literal["queued", "read", "acknowledged"]:
        if self.acknowledged_by is not None:
            return "acknowledged"
        return "read" if self.read_by else "queued"


def id_of(message: Message) -> UUID:
    """One alert per event; commands name theirs."""
    body = message.body
    return body.alert_id if isinstance(body, AlertCommand) else derive_id("alert", message.cause_id)


def folding(people: People) -> Callable[[Alert | None, Moment], Folded]:
    """The fold, given who stands behind the roles: one alert per event that somebody needs to hear of.

    Raises NotFound for a command about no alert, Unacceptable for an event without a rule, Refused for news to nobody.
    """

    def fold(alert: Alert | None, moment: Moment) -> Folded:
        body = moment.message.body
        if isinstance(body, AlertCommand):
            if alert is None:
                raise NotFound("not_found", f"没有通知 {body.alert_id}: 请刷新收件箱")
            return _obey(alert, moment, body)
        assert isinstance(body, Event)
        if (rule := RULES.get(type(body))) is None:
            raise Unacceptable(f"事件 {body.type} 没有通知规则")
        if not rule.audiences(body):
            raise Refused("nobody_to_tell", "无需通知")
        return _alert(rule, body, moment, people)

    return fold


def _alert(rule: Rule, event: Event, moment: Moment, people: People) -> tuple[Alert, Sequence[Event]]:
    alert = Alert(
        rule=rule.name,
        urgency=rule.urgency(event),
        title=rule.title(event),
        body=rule.body(event)[:500],
        audiences=tuple(dict.fromkeys(_named(rule.audiences(event), event, moment.now, people))),
        queued_at=moment.now,
        occurred_at=event.occurred_at,
        case_id=getattr(event, "case_id", None),
        number=getattr(event, "number", ""),
        clock=getattr(event, "clock", None),
        cycle=getattr(event, "cycle", 0),
        obligation_id=getattr(event, "obligation_id", None),
    )
    return alert, [_queued(alert, audience, moment) for audience in alert.audiences]


def _named(audiences: Sequence[str], event: Event, now: datetime, people: People) -> Iterator[str]:
    """Roles of the roster become those who are on duty now; where nobody is known to be, the whole desk is told."""
    for audience in audiences:
        if audience in (RESIDENT, REMOTE):
            there = people.on_duty(audience, now, getattr(event, "assignee", None))  # type: ignore[arg-type]
            yield from (f"staff:{engineer}" for engineer in there) if there else (DESK,)
        else:
            yield audience


def _queued(alert: Alert, audience: str, moment: Moment) -> NotificationQueued:
    return moment.event(
        NotificationQueued,
        actor=SYSTEM,
        alert_id=moment.aggregate_id,
        audience=audience,
        rule=alert.rule,
        urgency=alert.urgency,
        title=alert.title,
        body=alert.body,
        case_id=alert.case_id,
        number=alert.number,
    )


def _obey(alert: Alert, moment: Moment, command: AlertCommand) -> Folded:
    who = command.actor.id
    facts = {"alert_id": moment.aggregate_id, "audience": alert.audiences[0], "occurred_at": moment.now}
    if isinstance(command, AcknowledgeAlert):
        if alert.acknowledged_by is not None:
            return alert, ()
        after = replace(alert, acknowledged_by=who, acknowledged_at=moment.now)
        return after, [moment.event(NotificationAcknowledged, **facts), *_noted(alert, moment)]
    if who in alert.read_by:
        return alert, ()
    return replace(alert, read_by=(*alert.read_by, who)), [moment.event(NotificationRead, **facts)]


def _noted(alert: Alert, moment: Moment) -> list[AcknowledgeClock | AcknowledgeObligation]:
    """Who takes on an alert of a clock or an obligation has taken note of it: its chain of alarms ends."""
    if alert.rule == RULES[ObligationNoticed].name:  # the notice of the day says nothing of reminders: they go on
        return []
    if alert.obligation_id is not None:
        return [moment.command(AcknowledgeObligation, obligation_id=alert.obligation_id)]
    if alert.clock is None or alert.case_id is None:
        return []
    return [moment.command(AcknowledgeClock, case_id=alert.case_id, clock=alert.clock, cycle=alert.cycle)]
