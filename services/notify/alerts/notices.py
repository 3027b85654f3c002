"""A notice that no event brings about: a report of the day, a test of a provider. Pure."""

from datetime import timedelta

from chassis.message import Moment
from chassis.personal.masking import mask_reply
from contracts.notify import URGENCIES, PostNotice, Urgency
from services.notify.alerts.draft import Draft
from services.notify.alerts.model import Alert
from services.notify.alerts.plan import Plan, Planner
from services.notify.alerts.telling import tell
from services.notify.rules.rulebook import Compiled


def posted(
    alert: Alert | None, moment: Moment, notice: PostNotice, rule: Compiled, plan: Plan, planner: Planner
) -> Draft:
    """A notice becomes an alert once."""
    if alert is not None:
        return Draft(alert, moment)
    begun = Alert(
        id=moment.aggregate_id, rule=rule.rule.name, urgency=urgency_of(rule), title=mask_reply(notice.title),
        body=mask_reply(notice.body), audiences=(), queued_at=moment.now, occurred_at=notice.occurred_at,
        labels={"rule": rule.rule.name}, expires_at=moment.now + timedelta(hours=rule.rule.expires_h),
        must_deliver=rule.rule.must_deliver,
    )  # fmt: skip
    draft = Draft(begun, moment)
    draft.show(plan.inboxes)
    tell(draft, plan, planner)
    return draft


def urgency_of(rule: Compiled) -> Urgency:
    """A notice has no event that an expression could look at."""
    return next((u for u in URGENCIES if u == rule.rule.urgency), "normal")
