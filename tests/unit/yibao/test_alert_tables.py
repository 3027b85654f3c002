"""Alerts and deliveries at 80 columns: nothing that somebody has to copy is cut, nothing is in English."""

from collections.abc import Callable
from typing import Any

import pytest
from rich.console import Console
from rich.table import Table
from typer.testing import CliRunner

from yibao.alert_tables import WIDE, alerts, deliveries, everything
from yibao.commands.notify import app

ID = "0b6f1111-2222-4333-8444-555566667777"
ALERT: dict[str, Any] = {
    "alert_id": ID, "queued_at": "2026-11-22T01:02:03+00:00", "urgency": "urgent", "state": "queued",
    "settled_at": None, "title": "超时: 工单 YB-7K3QM-9XW2P 未按时首次响应, 请立即处理并在系统内回复 [bold]x[/bold]",
}  # fmt: skip
DELIVERY: dict[str, Any] = {
    "alert_id": ID, "delivery": "12", "recipient": "staff:wang.fang.of.the.second.group", "provider": "p" * 40,
    "state": "未送达", "queued_at": "2026-11-20 17:30:05", "sent_at": "", "read_at": "", "acknowledged_at": "",
    "attempts": "3", "reason": "机器人已停用: 请到群里重新添加机器人, 并更新发送服务配置中的地址",
}  # fmt: skip


def printed(table: Table, width: int = 80) -> list[str]:
    console = Console(width=width, markup=False, highlight=False)
    with console.capture() as capture:
        console.print(table)
    return capture.get().splitlines()


@pytest.mark.parametrize("make", [lambda: alerts([ALERT]), lambda: deliveries([DELIVERY])])
def test_an_id_is_whole_on_one_line_of_80_columns(make: Callable[[], Table]) -> None:
    assert sum(ID in line for line in printed(make())) == 1
    assert not any("…" in line for line in printed(make()))


def test_an_inbox_shows_when_and_in_which_state_in_chinese() -> None:
    said = "\n".join(printed(alerts([ALERT])))
    assert "11-22 09:02" in said and "紧急" in said and "未读" in said and "[bold]x[/bold]" in said
    states = {
        "已读": {"state": "read"}, "已确认": {"state": "acknowledged", "settled_at": "2026-11-22T01:02:03+00:00"},
        "无需再办": {"state": "read", "settled_at": "2026-11-22T01:02:03+00:00"},
    }  # fmt: skip
    for name, change in states.items():
        assert f" {name} " in "\n".join(printed(alerts([{**ALERT, **change}])))


def test_deliveries_say_to_whom_by_what_when_and_why_not() -> None:
    said = "".join("".join(printed(deliveries([DELIVERY]))).split()).replace("│", "")
    assert all(word in said for word in ("未送达", "11-2017:30:05", "staff:wang.fang.of", "机器人已停用"))
    sent = {**DELIVERY, "sent_at": "2026-11-20 17:31:00", "reason": ""}
    assert any("11-20 17:31:00" in line for line in printed(deliveries([sent])))


def test_the_deliveries_of_one_alert_do_not_repeat_its_id() -> None:
    assert not any(ID in line for line in printed(deliveries([DELIVERY], of_one=True)))


def test_the_wide_table_has_every_column_in_full() -> None:
    lines = printed(everything([DELIVERY]), WIDE)
    assert all(head in lines[1] for head in ("通知", "登记", "送达", "已读", "确认", "尝试", "原因"))
    assert sum(ID in line for line in lines) == 1 and any("2026-11-20 17:30:05" in line for line in lines)


@pytest.mark.parametrize("wrong", ["123", "YB-7K3QM-9XW2P", "../health/ready", ""])
def test_what_is_no_id_of_an_alert_is_told_with_where_to_find_one(wrong: str) -> None:
    answer = CliRunner().invoke(app, ["show", wrong])
    assert answer.exit_code == 2
    assert "不是通知编号" in answer.output and "yibao notify inbox" in answer.output
