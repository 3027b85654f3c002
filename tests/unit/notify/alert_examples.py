"""An event for every rule that comes along, with whom it tells and in which words."""

from typing import Any
from uuid import UUID

from contracts.case import CaseAssigned, CaseEscalated, CaseOpened, CaseReopened
from contracts.casework import CaseChaseDue, CaseReplyReported, CaseWindowClosing
from contracts.envelope import SYSTEM, Event, derive_id
from contracts.exemption import ExemptionApproved, ExemptionRejected, ExemptionRequested
from contracts.knowledge import ArticleQuestioned, ArticleSubmitted
from contracts.obligation import ObligationEscalated, ObligationNoticed, ObligationOverdue, ObligationReminded
from contracts.outage import OutageConfirmed, OutageGrew, OutageSuggested
from contracts.sla import SlaBreached, SlaEscalated, SlaWarned
from contracts.stats import RunFailed, RunFinished
from tests.support.make import NOON

Facts = dict[str, Any]
CASE = UUID(int=7)
_ENVELOPE: Facts = {"correlation_id": CASE, "version": 3, "occurred_at": NOON, "recorded_at": NOON, "actor": SYSTEM}
ABOUT_CASE: Facts = {"case_id": CASE, "number": "YB-1"}
CLOCK: Facts = {**ABOUT_CASE, "clock": "first_response", "cycle": 1, "due_at": NOON, "late_ms": 5}
RUN: Facts = {"run_id": UUID(int=8), "report": "settlement_summary"}
OPENED: Facts = {
    **ABOUT_CASE, "channel": "wechat", "conversation_id": "c", "message_id": "m", "requester": {"id": "u"},
    "title": "门诊结算失败", "text": "t", "category": "结算支付", "priority": "urgent",
}  # fmt: skip
REPLY: Facts = {**ABOUT_CASE, "reply_id": UUID(int=9)}
FINISHED: Facts = {**RUN, "rows_in": 3, "rows_accepted": 2, "rows_rejected": 1, "rows_out": 1, "output_sha256": "x"}
WITHHELD: Facts = {"verdict": "failed", "checks": ({"name": "分项合计", "ok": False}, {"name": "行数", "ok": True})}
OUTAGE: Facts = {"outage_id": UUID(int=9), "number": "GZ-7K3QM", "case_ids": (CASE,)}
TITLED: Facts = {**OUTAGE, "title": "2207 超时"}
SUGGESTED: Facts = {**TITLED, "signature": "2207|超时", "institutions": ("H1", "H2", "H3")}
DUTY: Facts = {
    "obligation_id": UUID(int=11), "definition": "lists", "title": "结算清单上传", "holder": "c", "holder_name": "合同",
    "period": "2026-10", "due_at": NOON, "open": 1, "done": 2, "waived": 0, "threshold": "-1d", "late_ms": 5, "left": 2,
    "missing": ({"key": "H1", "name": "市二院", "done": 45, "of": 60},), "progress": 145, "progress_of": 160,
}  # fmt: skip
EXEMPTION: Facts = {"exemption_id": UUID(int=12), "requested_by": "wang"}
ASKED: Facts = {
    "exemption_id": UUID(int=12), "ground": "platform_maintenance", "text": "省平台停机", "begins": NOON, "ends": NOON,
}  # fmt: skip
ARTICLE: Facts = {
    "article_id": UUID(int=14), "case_id": CASE, "number": "ZS-7K3QM-9XW2P", "title": "门诊结算超时", "question": "q",
    "answer": "a", "category": "结算支付", "owner": "wang", "why": "2207 接口升级",
}  # fmt: skip
UNOWNED: Facts = {**ARTICLE, "owner": "", "why": ""}


def event(type_: type[Event], n: int = 1, **facts: Any) -> Event:
    name = type_.model_fields["type"].default
    ids = {"id": derive_id(name, n), "cause_id": derive_id("cause", n)}
    return type_.model_validate({**ids, **_ENVELOPE, **facts})


EXAMPLES: list[tuple[Event, str, tuple[str, ...], str, str]] = [
    (event(CaseOpened, **OPENED), "new_case", ("desk",), "urgent", "新工单 YB-1 〔结算支付〕"),
    (event(CaseOpened, 2, **OPENED, assignee="wang"), "new_case", ("desk", "staff:wang"), "urgent", "新工单 YB-1"),
    (event(CaseAssigned, **ABOUT_CASE, assignee="wang"), "assigned", ("staff:wang",), "normal",
     "工单 YB-1 已分派给您"),
    (event(CaseEscalated, **ABOUT_CASE, to="province", reason="r"), "escalated", ("lead", "desk"), "high",
     "工单 YB-1 已上报省平台"),
    (event(CaseEscalated, 2, **ABOUT_CASE, to="vendor", reason="r"), "escalated", ("lead", "desk"), "high",
     "已上报厂商"),
    (event(CaseReopened, **ABOUT_CASE, reason="r"), "reopened", ("desk",), "high", "工单 YB-1 重新打开"),
    (event(CaseChaseDue, **ABOUT_CASE, due_at=NOON, owes="province", times=1, external_number="P-9"), "chase_due",
     ("desk",), "high", "该催办了: 工单 YB-1 等省平台"),
    (event(CaseChaseDue, 2, **ABOUT_CASE, due_at=NOON, owes="institution", times=0, assignee="wang"), "chase_due",
     ("staff:wang",), "high", "等医药机构"),
    (event(CaseChaseDue, 3, **ABOUT_CASE, due_at=NOON, owes="nobody", times=0), "chase_due", ("desk",), "high",
     "等结果"),
    (event(CaseWindowClosing, **ABOUT_CASE, closes_at=NOON, replies_left=1), "window_closing", ("desk",), "high",
     "回复窗口即将关闭"),
    (event(CaseReplyReported, **REPLY, outcome="refused"), "reply_not_sent", ("desk",), "high", "没有送达"),
    (event(CaseReplyReported, 2, **REPLY, outcome="failed", reason="r"), "reply_not_sent", ("desk",), "high",
     "没有送达"),
    (event(SlaWarned, **CLOCK), "warning", ("desk",), "high", "预警: 工单 YB-1 首次响应时限将到"),
    (event(SlaWarned, 2, **CLOCK, assignee="wang"), "warning", ("staff:wang",), "high", "预警"),
    (event(SlaWarned, 3, **CLOCK, threshold="80%", targets=("lead",)), "warning", ("lead",), "high", "预警"),
    (event(SlaBreached, **CLOCK), "breach", ("desk", "lead"), "urgent", "超时: 工单 YB-1 未按时首次响应"),
    (event(SlaBreached, 2, **CLOCK, assignee="wang"), "breach", ("staff:wang", "lead"), "urgent", "超时"),
    (event(SlaBreached, 3, **CLOCK, assignee="wang", threshold="100%", targets=("assignee", "resident")), "breach",
     ("staff:wang", "resident"), "urgent", "超时"),
    (event(SlaEscalated, **CLOCK, threshold="+15m", targets=("remote", "lead", "contact")), "overdue",
     ("remote", "lead", "contact"), "urgent", "超时升级: 工单 YB-1 首次响应已超时 15m 仍无人知悉"),
    (event(ObligationNoticed, **DUTY, targets=("resident",)), "obligation_notice", ("resident",), "normal",
     "每日通报: 结算清单上传 2026年10月: 1 家未完成"),
    (event(ObligationReminded, **DUTY, targets=("lead", "contact")), "obligation_reminder", ("lead", "contact"),
     "high", "义务提醒: 结算清单上传"),
    (event(ObligationOverdue, **DUTY, targets=("assignee", "lead")), "obligation_overdue", ("desk", "lead"),
     "urgent", "义务逾期: 结算清单上传"),
    (event(ObligationEscalated, **DUTY, targets=("contact",)), "obligation_escalated", ("contact",), "urgent",
     "仍无人知悉"),
    (event(ExemptionRequested, **ASKED), "exemption_requested", ("lead",), "high",
     "免责申请待审批: 平台维护 11-22 12:00 至 11-22 12:00"),
    (event(ExemptionApproved, **EXEMPTION), "exemption_approved", ("staff:wang",), "normal", "批准"),
    (event(ExemptionRejected, **EXEMPTION, reason="r"), "exemption_rejected", ("staff:wang",), "high", "驳回"),
    (event(OutageSuggested, **SUGGESTED), "outage_suggested", ("desk", "lead"), "urgent",
     "疑似群体故障 GZ-7K3QM: 3 家机构, 1 个工单"),
    (event(OutageGrew, **OUTAGE, institutions=("H4",)), "outage_grew", ("desk", "lead"), "urgent",
     "群体故障 GZ-7K3QM 扩大: 新增 1 个工单"),
    (event(OutageConfirmed, **TITLED), "outage_confirmed", ("desk", "lead"), "urgent",
     "群体故障 GZ-7K3QM 已确认: 1 个工单"),
    (event(ArticleSubmitted, **ARTICLE), "knowledge_submitted", ("lead",), "normal",
     "知识待审核: ZS-7K3QM-9XW2P 门诊结算超时"),
    (event(ArticleQuestioned, **ARTICLE, doubt="interface"), "knowledge_questioned", ("staff:wang",), "normal",
     "知识待复核: ZS-7K3QM-9XW2P 门诊结算超时"),
    (event(ArticleQuestioned, 2, **UNOWNED, doubt="date"), "knowledge_questioned", ("lead",), "normal", "知识待复核"),
    (event(RunFinished, **FINISHED), "report_ready", ("desk",), "normal", "报表已完成: settlement_summary"),
    (event(RunFinished, 2, **FINISHED, requested_by="li"), "report_ready", ("staff:li",), "normal",
     "settlement_summary"),
    (event(RunFinished, 3, **FINISHED, kind="ingest", requested_by="system"), "report_ready", ("desk",), "normal",
     "数据已读入: settlement_summary"),
    (event(RunFinished, 4, **FINISHED, requested_by="li", outcome=WITHHELD), "report_ready", ("staff:li",), "high",
     "报表未通过检查, 未交付: settlement_summary"),
    (event(RunFinished, 5, **FINISHED, requested_by="li", outcome={"verdict": "warned"}), "report_ready",
     ("staff:li",), "normal", "报表已完成, 有警告: settlement_summary"),
    (event(RunFailed, **RUN, reason="缺少列"), "report_failed", ("desk",), "high", "报表失败: settlement_summary"),
]  # fmt: skip
BODIES = {
    "new_case": "门诊结算失败",
    "assigned": "请在时限内响应来询人",
    "window_closing": "还可回复 1 次, 11-22 12:00 关闭: 请尽快答复, 然后只能电话",
    "reply_not_sent": "渠道没有说明原因: 请改打电话",
    "chase_due": "外部工单号 P-9, 已催办 1 次: 请催办并登记",
    "warning": "截止 11-22 12:00:00",
    "overdue": "截止 11-22 12:00:00: 请处理, 或先点知悉",
    "exemption_requested": "省平台停机 —— 申请人 system, 须由另一位负责人审批",
    "exemption_approved": "所申请的时段不再计入时限",
    "outage_suggested": "2207 超时 —— 请查看并确认或排除",
    "outage_grew": "涉及 1 家机构, 请查看并确认或排除",
    "outage_confirmed": "2207 超时 —— 同类来询请归入此故障, 统一答复",
    "knowledge_submitted": "system 送审: 请审核后发布或退回. 说明: 2207 接口升级",
    "knowledge_questioned": "2207 接口升级 —— 请确认仍有效、修订或停用",
    "report_ready": "输入 3 行, 采用 2 行, 退回 1 行: 请下载退回行 (rejects.csv), 改好后重新上传",
    "report_failed": "缺少列",
}
"""What the first example of a rule says below its title."""
