"""An alert and those around it, without servers: people with endpoints, workers that may die, a clock that is set."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from chassis.errors import Refused
from chassis.message import Moment
from chassis.store import Document
from contracts.delivery import ClaimDelivery, Handover, ReportDelivery
from contracts.envelope import SYSTEM, Actor, Command, Contract, Event, derive_id
from contracts.notify import AcknowledgeAlert, AlertCommand, AlertDue
from contracts.setting import Endpoint, Quiet, Recipient, SettingSaved, Silence
from contracts.sla import SlaBreached, SlaWarned
from services.notify.alerts.fold import AlertFold, timers
from services.notify.alerts.model import Alert
from services.notify.alerts.plan import Planner
from services.notify.people.picture import People
from services.notify.rules.loading import rulebook
from tests.chassis.folding import heard
from tests.support.make import NOON

PROVIDERS = {"mail": "email", "app": "wecom_app", "sms": "sms"}
CASE = UUID(int=7)
RULES = rulebook()
_ENVELOPE = {"correlation_id": CASE, "version": 3, "actor": SYSTEM}


def clock_event(type_: type[Event], n: int = 1, at: datetime = NOON, **facts: Any) -> Event:
    """About the first response of a case, of wang."""
    name = type_.model_fields["type"].default
    facts = {"case_id": CASE, "number": "YB-1", "clock": "first_response", "cycle": 1, "due_at": at, "late_ms": 5,
             "assignee": "wang", "threshold": "100%", "targets": ("assignee",), **facts}  # fmt: skip
    ids = {"id": derive_id(name, n), "cause_id": derive_id("cause", n)}
    return type_.model_validate({**ids, **_ENVELOPE, "occurred_at": at, "recorded_at": at, **facts})


def warned(n: int = 1, **facts: Any) -> Event:
    return clock_event(SlaWarned, n, **facts)


def breached(n: int = 1, **facts: Any) -> Event:
    return clock_event(SlaBreached, n, **facts)


class Office:
    """The fold with people who have set something, driven as the loop drives it; commands to alerts are carried out."""

    def __init__(self, at_most: int = 30, hours: Any = lambda name: None) -> None:
        self.people = People()
        self.fold = AlertFold(RULES, Planner(self.people, PROVIDERS, hours, at_most))
        self.documents: dict[UUID, Document[Alert]] = {}
        self.said: list[Event] = []
        self.others: list[Command] = []
        self.now = NOON
        self._n = 0

    def reachable(self, key: str, *providers: str, **wishes: Any) -> None:
        endpoints = tuple(Endpoint(provider=p) for p in providers)
        self.prefer(Recipient(key=key, endpoints=endpoints, **wishes))

    def prefer(self, wishes: Recipient) -> None:
        self._set("recipient", wishes.key, wishes)

    def quiet(self, key: str, *providers: str, begins: str, ends: str) -> None:
        self.reachable(key, *providers, quiet=Quiet(begins=begins, ends=ends))

    def silence(self, silence: Silence) -> None:
        self._set("silence", silence.id, silence)

    def _set(self, kind: str, key: str, body: Contract) -> None:
        self._n += 1
        stamp = {"id": derive_id("set", self._n), "cause_id": derive_id("set", self._n), "type": "setting.saved"}
        facts = {**stamp, **_ENVELOPE, "version": self._n, "occurred_at": NOON, "recorded_at": NOON}
        self.people.wishes.hear(SettingSaved.model_validate({**facts, "kind": kind, "key": key, kind: body}))

    def hear(self, *bodies: Contract) -> str:
        """The answer to the last of them."""
        answer = ""
        for body in bodies:
            message = heard(body, self.now)
            id_ = self.fold.id_of(message)
            document = self.documents.setdefault(id_, Document(id_))
            if message.cause_id in document.causes:
                continue
            try:
                state, said = self.fold(document.state, Moment(self.now, message, id_, document.version))
            except Refused:
                continue
            if said or state is not document.state:
                document.take(message.cause_id, state, said)
            self.said += [s for s in said if isinstance(s, Event)]
            commands = [s for s in said if isinstance(s, Command)]
            self.others += [c for c in commands if not isinstance(c, AlertCommand)]
            self.hear(*(c for c in commands if isinstance(c, AlertCommand)))
            answer = message.answer
        return answer

    def wait(self, span: timedelta) -> None:
        """Time goes on; timers fire at their time, each once."""
        until = self.now + span
        for _ in range(100_000):
            due = [(at, alert.id) for alert in self.alerts for at in self._wakes(alert) if at <= until]
            if not due:
                break
            at, id_ = min(due)
            self.now = max(self.now, at)
            self.hear(AlertDue(alert_id=id_, at=self.now))
            if (at, id_) in [(at, alert.id) for alert in self.alerts for at in self._wakes(alert)]:
                self.now += timedelta(seconds=5)  # as for what somebody has in hand: it is looked at again
        self.now = until

    @staticmethod
    def _wakes(alert: Alert) -> list[datetime]:
        """By a timer, and by the look that is taken now and then."""
        return [timer.at for timer in timers(alert)] + [at for at in (alert.look_at,) if at is not None]

    @property
    def alerts(self) -> list[Alert]:
        return [
            d.state for d in self.documents.values() if d.state is not None and d.state.count + bool(d.state.bundle)
        ]

    def alert(self, rule: str) -> Alert:
        [found] = [a for a in self.alerts if a.rule == rule]
        return found

    @property
    def handovers(self) -> list[Handover]:
        return [e for e in self.said if isinstance(e, Handover)]

    def claim(self, handover: Handover, worker: str = "w1", lease_s: float = 20.0) -> str:
        self._n += 1
        return self.hear(
            ClaimDelivery(
                id=derive_id("claim", self._n), occurred_at=self.now, actor=SYSTEM, alert_id=handover.alert_id,
                delivery=handover.delivery, attempt=handover.attempt, worker=worker, lease_s=lease_s,
            )
        )  # fmt: skip

    def report(self, handover: Handover, outcome: str, worker: str = "w1", **facts: Any) -> None:
        id_ = derive_id("report", handover.alert_id, handover.delivery, handover.attempt, worker)
        self.hear(
            ReportDelivery.model_validate(
                {"id": id_, "occurred_at": self.now, "actor": SYSTEM, "alert_id": handover.alert_id,
                 "delivery": handover.delivery, "attempt": handover.attempt, "worker": worker, "outcome": outcome,
                 **facts}
            )
        )  # fmt: skip

    def acknowledge(self, alert: Alert, who: str = "wang", **facts: Any) -> None:
        id_, actor = derive_id("ack", alert.id, who), Actor(kind="staff", id=who)
        self.hear(AcknowledgeAlert(id=id_, occurred_at=self.now, actor=actor, alert_id=alert.id, **facts))

    def states(self, rule: str) -> Sequence[tuple[str, str, str]]:
        """Recipient, provider and state of what goes out by providers."""
        return [(d.recipient, d.provider, d.state) for d in self.alert(rule).deliveries if d.provider != "inbox"]
