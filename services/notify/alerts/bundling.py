"""A digest while it gathers lines that are too many for now, or too early, until it goes out as one. Pure."""

from datetime import timedelta

from chassis.message import Moment
from contracts.envelope import SYSTEM, derive_id
from contracts.notify import URGENCIES, BundleAlert
from services.notify.alerts.draft import Draft
from services.notify.alerts.model import Alert, Bundle, Line
from services.notify.alerts.plan import gathered_until
from services.notify.digests.gather import added

KEPT = timedelta(days=3)


def bundled(alert: Alert | None, moment: Moment, command: BundleAlert) -> Draft:
    """One line more; where the digest has gone out already, it is a line of the next one."""
    draft = Draft(alert or _empty(moment, command), moment)
    bundle = draft.alert.bundle
    assert bundle is not None
    if bundle.sent:
        due_at = gathered_until(moment.now)
        again = derive_id("digest", command.recipient, command.why, due_at.isoformat())
        facts = {"recipient": command.recipient, "why": command.why, "due_at": due_at, "item": command.item}
        draft.wish(BundleAlert, actor=SYSTEM, alert_id=again, **facts)
        return draft
    item = command.item
    urgency = min(draft.alert.urgency, item.urgency, key=URGENCIES.index)
    line = Line(item.alert_id, item.rule, item.urgency, item.title, item.at)
    draft.change(bundle=added(bundle, line), urgency=urgency)
    return draft


def _empty(moment: Moment, command: BundleAlert) -> Alert:
    bundle = Bundle(recipient=command.recipient, due_at=command.due_at, why=command.why)
    return Alert(
        id=moment.aggregate_id, rule="digest", urgency="low", title="", body="", audiences=(), count=0,
        labels={"rule": "digest"}, queued_at=moment.now, occurred_at=command.due_at,
        bundle=bundle, expires_at=command.due_at + KEPT,
    )  # fmt: skip
