"""The account as a person reads it."""

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table

from yibao.demo.line import FATES
from yibao.demo.staff import STAFF
from yibao.demo.view import STATES

DECIDERS = {"rule": "规则", "model": "模型", "staff": "人工"}
KINDS = {
    "consultation": "咨询", "fault": "故障", "escalation": "上报", "change_request": "需求变更",
    "configuration": "参数配置", "data_request": "数据需求", "reconciliation": "对账", "settlement_list": "结算清单",
    "training": "培训",
}  # fmt: skip
RULES = {
    "new_case": "新工单", "assigned": "分派", "escalated": "上报", "reopened": "重新打开", "warning": "预警",
    "breach": "超时", "report_ready": "报表完成", "report_failed": "报表失败",
    "window_closing": "回复窗口将关闭", "reply_not_sent": "回复未送达", "chase_due": "该催办",
    "outage_suggested": "疑似群体故障", "outage_confirmed": "群体故障",
}  # fmt: skip


def show(console: Console, result: Mapping[str, Any]) -> None:
    """Figures, dead letters, searches, checks."""
    table = Table(title=f"本次演示的账目 ({result['play']})", show_header=False, title_justify="left")
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    table.add_row("消息", listed(result["messages"], {"published": "发出", **FATES}))
    table.add_row("工单", f"{result['cases']['total']} 件: {listed(result['cases']['by_status'], STATES)}")
    table.add_row("类别", listed(result["cases"]["by_category"], {}))
    table.add_row("定类别", listed(result["cases"]["by_decider"], DECIDERS))
    table.add_row("类型", listed(result["cases"]["by_kind"], KINDS))
    table.add_row("分派", listed(result["cases"]["by_assignee"], STAFF))
    for outage in result["outages"]:
        state = STATES.get(outage["state"], outage["state"])
        table.add_row("群体故障", f"{outage['number']} {outage['title']}: {outage['cases']} 件, {state}")
    clocks = result["clocks"]
    table.add_row(
        "时限",
        f"{clocks['total']} 个: {listed(clocks['by_state'], STATES)}; "
        f"预警 {clocks['warned']}, 超时 {clocks['breached']}",
    )
    alerts = result["alerts"]
    table.add_row("通知", f"{alerts['total']} 条: {listed(alerts['by_rule'], RULES)}; 已确认 {alerts['acknowledged']}")
    table.add_row("知识", f"入库 {result['articles']} 条")
    for search in result["searches"]:
        table.add_row("检索", f"“{search['query']}” {search['hits']} 条, 首条: {search['best'] or '无'}")
    if run := result["run"]:
        table.add_row(
            "统计",
            f"输入 {run['rows_in']} 行 = 计入 {run['rows_accepted']} + 退回 {run['rows_rejected']}, "
            f"汇总 {run['rows_out']} 行 → {run['file']}",
        )
    if reckoned := result["reckoned"]:
        counted = ", ".join(f"{name} {of['rows']} 行" for name, of in reckoned["reports"].items())
        found = reckoned["reconciliation"]
        table.add_row("报表", counted)
        table.add_row("对账", f"{len(found['found'])} 类差异 → 工单 {found['case']}")
    for dead in result["dead_letters"]:
        table.add_row("死信", f"{dead['channel']} {dead['message_id']}: {dead['reason']}")
    console.print(table, markup=False)
    for check in result["checks"]:
        mark, style = ("✓", "green") if check["ok"] else ("✗", "bold red")
        detail = f" ({check['detail']})" if check["detail"] else ""
        console.print(f"{mark} {check['name']}{detail}", style=style, markup=False, highlight=False)
    console.print(f"用时 {result['seconds']:.1f} 秒", style="dim")


def listed(counts: Mapping[str, int], names: Mapping[str, str]) -> str:
    return ", ".join(f"{names.get(key, key)} {n}" for key, n in counts.items() if n or key == "unaccounted")
