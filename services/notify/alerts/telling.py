"""What a plan's decisions become: a delivery, a line of a digest, or the reason why nothing goes out. Pure."""

from contracts.envelope import SYSTEM, derive_id
from contracts.notify import BundleAlert, Bundled
from services.notify.alerts.draft import Draft
from services.notify.alerts.model import INBOX, Alert
from services.notify.alerts.plan import Decision, Plan, Planner, gathered_until, over


def told_already(alert: Alert, step: int, again: bool) -> set[str]:
    """Whom this step has told; with `again` only those whose last message is still on its way. What a silence has held
    back was not told.
    """
    outward = (d for d in alert.deliveries if d.provider != INBOX and d.step == step and not d.silenced)
    return {d.recipient for d in outward if d.pending or not again}


def tell(draft: Draft, plan: Plan, planner: Planner, step: int = 0, again: bool = False) -> None:
    """Carry out the plan's decisions, but for whom this step has told already."""
    told = told_already(draft.alert, step, again)
    too_many = set(over(plan, planner))
    for decision in plan.decisions:
        if decision.recipient in told:
            continue
        is_over = decision.goes_now and decision.recipient in too_many
        gathered = decision._replace(why="storm", due_at=gathered_until(draft.now)) if is_over else decision
        _carry_out(draft, gathered, step)


def _carry_out(draft: Draft, decision: Decision, step: int) -> None:
    if decision.goes_now:
        draft.queue(decision.recipient, decision.ways, step=step)
        return
    if decision.silence and any(d.silenced and d.recipient == decision.recipient for d in draft.alert.deliveries):
        return
    draft.aside(decision.recipient, decision.ways[0], step, decision.silence or "并入摘要", bool(decision.silence))
    if decision.why is None or decision.due_at is None:
        return
    alert = draft.alert
    digest = derive_id("digest", decision.recipient, decision.why, decision.due_at.isoformat())
    draft.set(len(alert.deliveries) - 1, digest=digest)
    item = Bundled(alert_id=alert.id, rule=alert.rule, urgency=alert.urgency, title=alert.title, at=alert.occurred_at)
    facts = {"recipient": decision.recipient, "why": decision.why, "due_at": decision.due_at, "item": item}
    draft.wish(BundleAlert, actor=SYSTEM, alert_id=digest, **facts)
