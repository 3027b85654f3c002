"""What staff call the rules of alerts (通知规则), in sums and in the proof of delivery; a rule has only a key."""

RULE_NAMES = {
    "new_case": "新工单", "assigned": "工单分派", "escalated": "工单上报", "reopened": "工单重新打开",
    "window_closing": "回复窗口将关闭", "reply_not_sent": "回复未送达", "chase_due": "该催办",
    "warning": "时限预警", "breach": "超时", "overdue": "超时升级",
    "obligation_notice": "义务每日通报", "obligation_reminder": "义务提醒", "obligation_overdue": "义务逾期",
    "obligation_escalated": "义务逾期升级",
    "outage_suggested": "疑似群体故障", "outage_grew": "群体故障扩大", "outage_confirmed": "群体故障确认",
    "exemption_requested": "免责申请", "exemption_approved": "免责批准", "exemption_rejected": "免责驳回",
    "report_ready": "报表完成", "report_failed": "报表失败", "daily_report": "日报", "weekly_report": "周报",
    "digest": "通知汇总", "test": "测试通知",
}  # fmt: skip


def rule_name(rule: str) -> str:
    """In Chinese; of a rule of the user's own its name."""
    return RULE_NAMES.get(rule, rule)
