"""`yibao notify silence`: planned maintenance, in which alerts go to the inbox only."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from urllib.parse import quote

import typer
from rich.table import Table
from rich.text import Text

from chassis.zone import BEIJING
from yibao.asking import answer, asking, console, fail

silence = typer.Typer(no_args_is_help=True, help="静默: 计划内维护期间只进收件箱, 不发送。")
By = Annotated[str, typer.Option("--by", help="以哪位工作人员 (工号) 的名义; 缺省为登录用户")]


@silence.command()
def add(
    reason: Annotated[str, typer.Argument(help="原因, 例如 省平台升级")],
    match: Annotated[list[str], typer.Option(help="标签=取值, 取值可用逗号分隔; 标签!=取值 表示除外; 可多次给出")],
    hours: Annotated[float, typer.Option(help="持续几小时", min=0.01, max=720)] = 2.0,
    begins: Annotated[str, typer.Option(help="开始时间, 例如 2026-11-20T22:00; 缺省为现在")] = "",
    by: By = "",
) -> None:
    """新增静默: 标签全部符合的通知在此期间不发送。"""
    try:
        since = datetime.fromisoformat(begins) if begins else datetime.now(UTC)
    except ValueError:
        fail(f"{begins} 不是时间: 请写成 2026-11-20T22:00", 2)
    since = since if since.tzinfo else since.replace(tzinfo=BEIJING)
    wish = {"matchers": [_matcher(text) for text in match], "begins": since.isoformat(), "reason": reason,
            "ends": (since + timedelta(hours=hours)).isoformat()}  # fmt: skip
    with asking("notify", by) as http:
        done = answer(http.post("/settings/silences", json=wish))
    console.print(f"已静默, 编号 {done.get('silence_id', '')}; 提前结束: yibao notify silence end <编号>")


@silence.command("list")
def list_() -> None:
    """列出静默。"""
    with asking("notify") as http:
        found = answer(http.get("/settings/silences"))
    table = Table("编号", "状态", "起", "止", "条件", "原因")
    for one in found:
        conditions = "; ".join(_condition(matcher) for matcher in one["matchers"])
        table.add_row(one["id"], one["state_name"], _at(one["begins"]), _at(one["ends"]), Text(conditions),
                      Text(one["reason"]))  # fmt: skip
    console.print(table)


@silence.command()
def end(key: Annotated[str, typer.Argument(help="静默编号, 见 yibao notify silence list")], by: By = "") -> None:
    """立即结束静默。"""
    with asking("notify", by) as http:
        answer(http.delete(f"/settings/silences/{quote(key, safe='')}"))
    console.print(f"静默 {key} 已结束")


def _matcher(text: str) -> dict[str, Any]:
    label, equals, values = text.partition("=")
    if not equals or not label.strip("! ") or not values.strip():
        fail(f"{text}: 应写成 标签=取值, 例如 rule=warning", 2)
    unless = label.endswith("!")
    return {
        "label": label.removesuffix("!").strip(),
        "values": [v.strip() for v in values.split(",")],
        "unless": unless,
    }


def _condition(matcher: dict[str, Any]) -> str:
    return f"{matcher['label']}{'!=' if matcher.get('unless') else '='}{','.join(matcher['values'])}"


def _at(at: str) -> str:
    return f"{datetime.fromisoformat(at).astimezone(BEIJING):%m-%d %H:%M}"
