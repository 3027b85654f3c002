"""Which event makes an alert, for whom, how urgent, in which words: one table."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from chassis.zone import BEIJING
from contracts.case import CaseAssigned, CaseEscalated, CaseOpened, CaseReopened
from contracts.casework import OWES_NAMES, CaseChaseDue, CaseReplyReported, CaseWindowClosing
from contracts.envelope import Event
from contracts.exemption import GROUND_NAMES, ExemptionApproved, ExemptionRejected, ExemptionRequested
from contracts.notify import Urgency
from contracts.obligation import (
    ObligationAlarm,
    ObligationEscalated,
    ObligationNoticed,
    ObligationOverdue,
    ObligationReminded,
)
from contracts.outage import OutageConfirmed, OutageSuggested
from contracts.sla import CLOCK_NAMES, ClockEvent, SlaBreached, SlaEscalated, SlaWarned
from contracts.stats import RunEvent, RunFailed, RunFinished
from services.notify import duties

DESK, LEAD, CONTACT = "desk", "lead", "contact"
RESIDENT, REMOTE = "resident", "remote"  # roles that the roster fills: the fold looks up who that is now
_OWED_BY = {**OWES_NAMES, "nobody": "结果"}


class Rule(NamedTuple):
    """`audiences`, `urgency`, `title` and `body` are functions of the event."""

    name: str
    audiences: Callable[[Any], tuple[str, ...]]
    urgency: Callable[[Any], Urgency]
    title: Callable[[Any], str]
    body: Callable[[Any], str]


def _minute(at: datetime) -> str:
    return f"{at.astimezone(BEIJING):%m-%d %H:%M}"


def _owner(event: ClockEvent) -> str:
    return f"staff:{event.assignee}" if event.assignee else DESK


def _targets(event: SlaWarned | SlaBreached | SlaEscalated, *usual: str) -> tuple[str, ...]:
    """Whom the policy names at this threshold; `usual` where the event comes from before policies named anybody."""
    if not event.threshold:
        return usual
    named = {"assignee": _owner(event), "resident": RESIDENT, "remote": REMOTE, "lead": LEAD, "contact": CONTACT}
    return tuple(dict.fromkeys(named[target] for target in event.targets))


def _duty(event: ObligationAlarm) -> tuple[str, ...]:
    """Whom the definition names; a duty has no assignee but the desk."""
    named = {"assignee": DESK, "resident": RESIDENT, "remote": REMOTE, "lead": LEAD, "contact": CONTACT}
    return tuple(dict.fromkeys(named[target] for target in event.targets))


def _asker(event: RunEvent) -> tuple[str, ...]:
    return (f"staff:{event.requested_by}",) if event.requested_by else (DESK,)


RULES: dict[type[Event], Rule] = {
    CaseOpened: Rule(
        "new_case",
        lambda e: (DESK, f"staff:{e.assignee}") if e.assignee else (DESK,),
        lambda e: e.priority,
        lambda e: f"新工单 {e.number} 〔{e.category}〕",
        lambda e: e.title,
    ),
    CaseAssigned: Rule(
        "assigned",
        lambda e: (f"staff:{e.assignee}",),
        lambda e: "normal",
        lambda e: f"工单 {e.number} 已分派给您",
        lambda e: "请在时限内响应来询人",
    ),
    CaseEscalated: Rule(
        "escalated",
        lambda e: (LEAD, DESK),
        lambda e: "high",
        lambda e: f"工单 {e.number} 已上报{OWES_NAMES[e.to]}",
        lambda e: e.reason,
    ),
    CaseReopened: Rule(
        "reopened",
        lambda e: (DESK,),
        lambda e: "high",
        lambda e: f"工单 {e.number} 重新打开",
        lambda e: e.reason,
    ),
    CaseWindowClosing: Rule(
        "window_closing",
        lambda e: (DESK,),
        lambda e: "high",
        lambda e: f"工单 {e.number} 回复窗口即将关闭",
        lambda e: f"还可回复 {e.replies_left} 次, {_minute(e.closes_at)} 关闭: 请尽快答复, 然后只能电话",
    ),
    CaseReplyReported: Rule(
        "reply_not_sent",
        # What was sent or read is on the timeline and is no news to anybody.
        lambda e: (DESK,) if e.outcome in ("refused", "failed") else (),
        lambda e: "high",
        lambda e: f"工单 {e.number} 的回复没有送达",
        lambda e: e.reason or "渠道没有说明原因: 请改打电话",
    ),
    CaseChaseDue: Rule(
        "chase_due",
        lambda e: (f"staff:{e.assignee}" if e.assignee else DESK,),
        lambda e: "high",
        lambda e: f"该催办了: 工单 {e.number} 等{_OWED_BY[e.owes]}",
        lambda e: f"外部工单号 {e.external_number or '未登记'}, 已催办 {e.times} 次: 请催办并登记",
    ),
    SlaWarned: Rule(
        "warning",
        lambda e: _targets(e, _owner(e)),
        lambda e: "high",
        lambda e: f"预警: 工单 {e.number} {CLOCK_NAMES[e.clock]}时限将到",
        lambda e: f"截止 {e.due_at.astimezone(BEIJING):%m-%d %H:%M:%S}",
    ),
    SlaBreached: Rule(
        "breach",
        lambda e: _targets(e, _owner(e), LEAD),
        lambda e: "urgent",
        lambda e: f"超时: 工单 {e.number} 未按时{CLOCK_NAMES[e.clock]}",
        lambda e: f"截止 {e.due_at.astimezone(BEIJING):%m-%d %H:%M:%S}",
    ),
    SlaEscalated: Rule(
        "overdue",
        _targets,
        lambda e: "urgent",
        lambda e: f"超时升级: 工单 {e.number} {CLOCK_NAMES[e.clock]}已超时 {e.threshold.removeprefix('+')} 仍无人知悉",
        lambda e: f"截止 {e.due_at.astimezone(BEIJING):%m-%d %H:%M:%S}: 请处理, 或先点知悉",
    ),
    ObligationNoticed: Rule(
        "obligation_notice", _duty, lambda e: "normal", lambda e: f"每日通报: {duties.title(e)}", duties.body
    ),
    ObligationReminded: Rule(
        "obligation_reminder", _duty, lambda e: "high", lambda e: f"义务提醒: {duties.title(e)}", duties.body
    ),
    ObligationOverdue: Rule(
        "obligation_overdue", _duty, lambda e: "urgent", lambda e: f"义务逾期: {duties.title(e)}", duties.body
    ),
    ObligationEscalated: Rule(
        "obligation_escalated",
        _duty,
        lambda e: "urgent",
        lambda e: f"逾期升级: {duties.title(e)}, 仍无人知悉",
        duties.body,
    ),
    OutageSuggested: Rule(
        "outage_suggested",
        lambda e: (DESK, LEAD),
        lambda e: "urgent",
        lambda e: f"疑似群发故障 {e.number}: {len(e.institutions)} 家机构, {len(e.case_ids)} 个工单",
        lambda e: f"{e.title} —— 请查看并确认或排除",
    ),
    OutageConfirmed: Rule(
        "outage_confirmed",
        lambda e: (DESK, LEAD),
        lambda e: "urgent",
        lambda e: f"群发故障 {e.number} 已确认: {len(e.case_ids)} 个工单",
        lambda e: f"{e.title} —— 同类来询请归入此故障, 统一答复",
    ),
    ExemptionRequested: Rule(
        "exemption_requested",
        lambda e: (LEAD,),
        lambda e: "high",
        lambda e: f"免责申请待审批: {GROUND_NAMES[e.ground]} {_minute(e.begins)} 至 {_minute(e.ends)}",
        lambda e: f"{e.text} —— 申请人 {e.actor.id}, 须由另一位负责人审批",
    ),
    ExemptionApproved: Rule(
        "exemption_approved",
        lambda e: (f"staff:{e.requested_by}",),
        lambda e: "normal",
        lambda e: f"您的免责申请已由 {e.actor.id} 批准",
        lambda e: e.reason or "所申请的时段不再计入时限",
    ),
    ExemptionRejected: Rule(
        "exemption_rejected",
        lambda e: (f"staff:{e.requested_by}",),
        lambda e: "high",
        lambda e: f"您的免责申请被 {e.actor.id} 驳回",
        lambda e: e.reason,
    ),
    RunFinished: Rule(
        "report_ready",
        _asker,
        lambda e: "normal",
        lambda e: f"报表已完成: {e.report}",
        lambda e: f"输入 {e.rows_in} 行, 采用 {e.rows_accepted} 行, 退回 {e.rows_rejected} 行",
    ),
    RunFailed: Rule(
        "report_failed",
        _asker,
        lambda e: "high",
        lambda e: f"报表失败: {e.report}",
        lambda e: e.reason,
    ),
}
