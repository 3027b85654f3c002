"""Alerts and deliveries as tables that fit a terminal of 80 columns; the ids in them are whole, to be copied."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from rich.table import Table
from rich.text import Text

from chassis.zone import BEIJING
from contracts.notify import URGENCY_NAMES

Json = dict[str, Any]
ID_WIDTH = 36
WIDE = 240
STATES = {"queued": "未读", "read": "已读", "acknowledged": "已确认"}
SETTLED = "无需再办"
_ALL = {
    "通知": "alert_id", "序号": "delivery", "收件人": "recipient", "途径": "provider", "状态": "state",
    "登记": "queued_at", "送达": "sent_at", "已读": "read_at", "确认": "acknowledged_at", "尝试": "attempts",
    "原因": "reason",
}  # fmt: skip
_YEAR = len("2026-")


def alerts(found: Iterable[Json]) -> Table:
    """Of `GET /inbox`: time in Beijing, state, and the title above the id."""
    table = Table("时间", "紧急", "状态", show_lines=True)
    table.add_column("标题与编号", min_width=ID_WIDTH)
    for one in found:
        at = datetime.fromisoformat(one["queued_at"]).astimezone(BEIJING)
        words = _lines(one["title"], one["alert_id"])
        table.add_row(f"{at:%m-%d %H:%M}", URGENCY_NAMES[one["urgency"]], state(one), words)
    return _whole(table)


def state(alert: Json) -> str:
    """In Chinese; nothing is left to be done about a settled one, whoever has read it."""
    is_settled = alert.get("settled_at") and alert["state"] != "acknowledged"
    return SETTLED if is_settled else STATES[alert["state"]]


def deliveries(found: Iterable[Json], of_one: bool = False) -> Table:
    """Of lines of the proof of delivery; without the alert's id where all are `of_one`."""
    table = Table("序号", "状态", "时间", show_lines=True)
    table.add_column("收件人与途径" if of_one else "收件人、途径与通知编号", min_width=ID_WIDTH)
    for one in found:
        way = f"{one['recipient']} 经 {one['provider']}"
        words = _lines(way, "" if of_one else one["alert_id"], one["reason"])
        table.add_row(one["delivery"], one["state"], (one["sent_at"] or one["queued_at"])[_YEAR:], words)
    return _whole(table)


def everything(found: Iterable[Json]) -> Table:
    """All that is known of each delivery, on one line; `WIDE` columns have room for it."""
    table = Table(*_ALL)
    table.columns[0].min_width = ID_WIDTH
    for one in found:
        table.add_row(*(Text(one[name]) for name in _ALL.values()))
    return _folded(table)


def _whole(table: Table) -> Table:
    """Times and states stay on one line: only what the last column holds may be folded."""
    for column in table.columns[:-1]:
        column.no_wrap = True
    return _folded(table)


def _folded(table: Table) -> Table:
    for column in table.columns:
        column.overflow = "fold"
    return table


def _lines(*lines: str) -> Text:
    return Text("\n".join(filter(None, lines)))
