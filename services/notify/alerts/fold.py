"""The fold of notify: one alert, one message, one moment. Pure; who stands behind an audience is the planner's."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.errors import Refused, Unacceptable
from chassis.message import Message, Moment
from chassis.outgoing import Timer
from contracts.delivery import ClaimDelivery, ReportDelivery, ReportReceipt
from contracts.envelope import Command, Event, derive_id
from contracts.notify import (
    AcknowledgeAlert,
    AlertCommand,
    AlertDue,
    BundleAlert,
    InhibitAlert,
    PostNotice,
    RaiseAlert,
    ReadAlert,
    SettleAlert,
)
from contracts.registry import EVENTS
from contracts.setting import AlertRule
from services.notify.alerts import ending, handing
from services.notify.alerts.bundling import bundled
from services.notify.alerts.dealt import NOTHING, Words
from services.notify.alerts.draft import Draft
from services.notify.alerts.model import Alert, Call
from services.notify.alerts.notices import posted, urgency_of
from services.notify.alerts.plan import Plan, Planner
from services.notify.alerts.raising import Wanted, plan_of, raised, wanted
from services.notify.alerts.waking import due_calls, woken
from services.notify.rules.rulebook import Compiled, Rulebook

Folded = tuple[Alert, Sequence[Event | Command]]
_COMMANDS: dict[type[AlertCommand], Callable[[Draft, Any], None]] = {
    ReadAlert: ending.read, AcknowledgeAlert: ending.acknowledged, SettleAlert: ending.settled,
    ClaimDelivery: handing.claimed, ReportDelivery: handing.reported, ReportReceipt: handing.receipted,
}  # fmt: skip


@dataclass(slots=True)
class Prepared:
    """What was looked up for a message before it is folded: which rule wants it, and who is told how."""

    asked: Wanted | None = None
    rule: Compiled | None = None
    plans: dict[Call | None, Plan] = field(default_factory=dict)
    settled: Words = NOTHING


class AlertFold:
    """`rulebook` is replaced when somebody saves a rule."""

    def __init__(self, rulebook: Rulebook, planner: Planner) -> None:
        self.rulebook, self.planner = rulebook, planner

    def id_of(self, message: Message) -> UUID:
        """One alert per rule and what it is about; commands name theirs."""
        body = message.body
        if isinstance(body, AlertCommand | AlertDue):
            return body.alert_id
        asked = self._asked(body)
        return asked.alert_id if asked else derive_id("alert", message.cause_id)

    def prepared(self, alert: Alert | None, message: Message, now: datetime) -> Prepared:
        """Rules, and decisions about people; empty where a message calls nobody."""
        body = message.body
        if isinstance(body, PostNotice):
            rule = self._named(body.rule)
            labels = {"rule": body.rule}
            plan = self.planner.plan(rule.rule, urgency_of(rule), labels, body.to, now, body.only)
            return Prepared(rule=rule, plans={None: plan})
        if isinstance(body, AlertDue):
            calls = due_calls(alert, now) if alert else ()
            return Prepared(plans={call: self._plan(alert, call, now) for call in calls if alert})
        if (asked := self._asked(body)) is None:
            return Prepared()
        return Prepared(asked=asked, plans={None: plan_of(self.planner, asked, alert, now)})

    def __call__(self, alert: Alert | None, moment: Moment) -> Folded:
        """Raises NotFound for a command about no alert, Refused for what is no news to anybody."""
        message = moment.message
        ready = message.hint if isinstance(message.hint, Prepared) else self.prepared(alert, message, moment.now)
        body = message.body
        match body:
            case PostNotice():
                assert ready.rule is not None
                return posted(alert, moment, body, ready.rule, ready.plans[None], self.planner).done()
            case BundleAlert():
                return bundled(alert, moment, body).done()
            case InhibitAlert():
                return ending.inhibited(alert, moment, body).done()
            case AlertDue():
                if alert is None:
                    raise Refused("no_alert", "通知已不在")
                draft = Draft(alert, moment)
                woken(draft, {c: p for c, p in ready.plans.items() if c is not None}, self.planner)
                return draft.done()
            case AlertCommand() if type(body) in _COMMANDS:
                draft = Draft(handing.present(alert, moment), moment)
                _COMMANDS[type(body)](draft, body)
                return draft.done()
        if ready.asked is None:
            raise Refused("nobody_to_tell", "无需通知")
        return raised(alert, moment, ready.asked, ready.plans[None], self.planner, ready.settled).done()

    def _asked(self, body: Any) -> Wanted | None:
        if isinstance(body, RaiseAlert):
            event = EVENTS[body.event_type].model_validate_json(body.event)
            assert isinstance(event, Event)
            return Wanted(self._named(body.rule), event, body.alert_id)
        if not isinstance(body, Event):
            return None
        try:
            return wanted(body, self.rulebook.matching(body))
        except Refused:
            return None

    def _plan(self, alert: Alert, call: Call, now: datetime) -> Plan:
        """By its rule, which somebody may have removed meanwhile."""
        known = self.rulebook.named(alert.rule)
        rule = known.rule if known else AlertRule(name="removed", on="", to=("desk",), title=alert.title)
        return self.planner.plan(rule, alert.urgency, alert.labels, call.to, now, subscribers=False)

    def _named(self, name: str) -> Compiled:
        """Raises Unacceptable."""
        if (rule := self.rulebook.named(name)) is None:
            raise Unacceptable(f"没有通知规则 {name}: 可能已被删除")
        return rule


def timers(alert: Alert) -> Sequence[Timer]:
    """One per alert that has to be looked at again: a later one takes its place."""
    if alert.next_at is None:
        return ()
    return (Timer("notify", str(alert.id), alert.next_at, AlertDue(alert_id=alert.id, at=alert.next_at)),)
