"""The breakdown of a file as a person reads it."""

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table

from yibao.demo.line import FATES
from yibao.demo.staff import STAFF
from yibao.demo.summary import DECIDERS, KINDS, listed
from yibao.demo.view import CHANNELS

PRIORITIES = {"urgent": "紧急", "high": "高", "normal": "普通", "low": "低"}
FOUND = {
    "institution_code": "机构", "infno": "交易", "error": "报错", "error_code": "错误码", "happened_at": "发生时间",
    "pasted": "粘贴的报文", "amounts": "金额", "dates": "日期",
}  # fmt: skip
WHY = {
    "first": "首次来信", "open": "未结工单的补充", "quote": "引用", "marker": "#新问题", "idle": "久未联系",
    "topic": "换了话题", "grace": "结束不久又来信", "follow_up": "结束后跟进", "full": "前一件已满", "thanks": "致谢",
    "staff": "同事在群里答复", "moved": "人工移动",
}  # fmt: skip


def show_file(console: Console, result: Mapping[str, Any]) -> None:
    """Where the lines went, then what intake made of them."""
    counts, cases = result["messages"], result["cases"]
    console.print(f"{result['file']}: {result['lines']} 行", style="bold", markup=False)
    fates = Table("去向", "行数")
    for fate, name in FATES.items():
        fates.add_row(name, str(counts[fate]))
    fates.add_row("合计", str(sum(counts[fate] for fate in FATES)), style="bold")
    console.print(fates)
    for reason, n in result["dead_reasons"].items():
        console.print(f"死信 {n} 行: {reason}", style="red", markup=False)
    table = Table(title=f"{cases['total']} 件工单", show_header=False, title_justify="left")
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    table.add_row("渠道", listed(cases["channels"], CHANNELS))
    for by, part in cases["decided"].items():
        sure = f", 平均把握 {part['confidence']:.2f}" if part["confidence"] is not None else ""
        if part["cases"]:
            table.add_row(f"{DECIDERS[by]}定类", f"{part['cases']} 件{sure}: {listed(part['by_category'], {})}")
    table.add_row("类型", listed(cases["by_kind"], KINDS))
    table.add_row("优先级", listed(cases["by_priority"], PRIORITIES))
    table.add_row("读出", listed(cases["findings"], FOUND) or "无")
    table.add_row("原文加密", f"{cases['masked']} / {cases['lines']} 条内容有遮蔽")
    table.add_row("归并依据", listed(cases["why"], WHY))
    table.add_row("分派", listed(cases["assigned"], STAFF))
    console.print(table, markup=False)
    if result["resolved"]["asked"]:
        console.print(f"本次解决并入知识库 {result['resolved']['articles']} 件 (请求 {result['resolved']['asked']} 件)")
    if not result["ok"]:
        console.print("账目不平: 有消息下落不明, 或分项之和与总数不符", style="bold red")
    rate = result["lines"] / max(result["seconds"], 0.1)
    console.print(f"用时 {result['seconds']:.1f} 秒, 每秒 {rate:.0f} 行 (含逐条核对)", style="dim")
