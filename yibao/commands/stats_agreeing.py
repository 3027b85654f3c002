"""`yibao stats definition` and `yibao stats schedule`: agreeing on what is counted, and when."""

from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import httpx
import typer

from yibao import stats_tables as shown
from yibao.asking import answer, asking, console, fail
from yibao.following import one_of

definition = typer.Typer(no_args_is_help=True, help="口径: 起草, 科室确认, 审批, 生效, 停用, 版本差异。")
schedule = typer.Typer(no_args_is_help=True, help="定时任务: 何时统计哪张报表。")
Report = Annotated[str, typer.Argument(help="报表编号")]
Hash = Annotated[str, typer.Argument(metavar="HASH", help="版本指纹, 或能区分的前几位")]
By = Annotated[str, typer.Option("--as", help="以谁的工号操作; 起草、确认、审批须为三个人")]
STEPS = ("confirm", "approve", "return", "enforce", "retire")


@definition.command("text")
def text(report: Report, out: Annotated[Path, typer.Option("--out", "-o", help="写到哪个目录")] = Path()) -> None:
    """把现行口径写成 definition.yaml 与 report.sql, 供修改后起草新版本。"""
    with asking("stats") as http:
        hash_ = answer(http.get(f"/reports/{quote(report, safe='')}"))["definition_hash"]
        found = answer(http.get(f"/definitions/{quote(report, safe='')}/text/{hash_}"))
    out.mkdir(parents=True, exist_ok=True)
    (out / "definition.yaml").write_text(found["source"], "utf-8")
    (out / "report.sql").write_text(found["sql"], "utf-8")
    console.print(f"已写出 {out / 'definition.yaml'} 与 {out / 'report.sql'} (指纹 {hash_[:12]})")


@definition.command("draft")
def draft(
    folder: Annotated[
        Path, typer.Argument(help="含 definition.yaml 与 report.sql 的目录", exists=True, file_okay=False)
    ],
    note: Annotated[str, typer.Option(help="为什么修订")] = "",
    staff: By = "",
) -> None:
    """起草一个版本; 有问题时逐条说明, 什么也不保存。"""
    from services.stats.definitions.definition import read

    source, sql = (folder / "definition.yaml").read_text("utf-8"), (folder / "report.sql").read_text("utf-8")
    try:
        made = read(source, sql)
    except Exception as error:
        fail(f"口径的 YAML 写法不对: {error}", 2)
    with asking("stats", staff) as http:
        answer(http.post(f"/definitions/{made.id}", json={"source": source, "sql": sql, "note": note}))
    console.print(f"已起草 {made.id}, 版本 {made.hash[:12]}")
    console.print(f"请科室确认: yibao stats definition move {made.id} {made.hash[:12]} confirm --department … --as …")


@definition.command("versions")
def versions(report: Report) -> None:
    """一张报表的全部版本, 各到哪一步。"""
    with asking("stats") as http:
        console.print(shown.versions(answer(http.get(f"/definitions/{quote(report, safe='')}"))["versions"]))


@definition.command("diff")
def diff(report: Report, before: Hash, after: Hash) -> None:
    """两个版本的差异; 随产品提供的版本也可以比。"""
    with asking("stats") as http:
        both = {"before": whole_hash(http, report, before), "after": whole_hash(http, report, after)}
        found = answer(http.get(f"/definitions/{quote(report, safe='')}/diff", params=both))
    for line in shown.difference(found):
        console.print(line)


@definition.command("move")
def move(
    report: Report,
    hash_: Hash,
    step: Annotated[str, typer.Argument(help="confirm 确认, approve 审批, return 退回, enforce 生效, retire 停用")],
    note: Annotated[str, typer.Option(help="原因")] = "",
    department: Annotated[str, typer.Option(help="确认的科室")] = "",
    staff: By = "",
) -> None:
    """把一个版本推进一步。"""
    if step not in STEPS:
        fail(f"没有这一步: 可用的是 {', '.join(STEPS)}", 2)
    with asking("stats", staff, role="officer" if step == "confirm" else "lead") as http:
        body: dict[str, Any] = {"note": note, "department": department}
        where = f"/definitions/{quote(report, safe='')}/{whole_hash(http, report, hash_)}/{step}"
        answer(http.post(where, json=body))
    console.print("已记录")


def whole_hash(http: httpx.Client, report: str, beginning: str) -> str:
    """The version that begins so, drafted or shipped."""
    if len(beginning) == 64:
        return beginning
    standing, drafted = (http.get(f"/{kind}/{quote(report, safe='')}") for kind in ("reports", "definitions"))
    known = [] if standing.is_error else [answer(standing)["definition_hash"]]
    known += [] if drafted.is_error else [v["hash"] for v in answer(drafted)["versions"]]
    return one_of(known, beginning, "口径版本")


@schedule.command("list")
def list_() -> None:
    """定时任务与下几次时间。"""
    with asking("stats") as http:
        found = answer(http.get("/schedules"))
    console.print(shown.schedules(found) if found else "还没有定时任务: 用 schedule add 新增")


@schedule.command("add")
def add(
    name: Annotated[str, typer.Argument(help="名称, 例如 职工结算月报")],
    report: Annotated[str, typer.Argument(help="报表编号")],
    cron: Annotated[str, typer.Option(help="五段 cron (分 时 日 月 周), 中国时间")] = "0 8 * * *",
    workday: Annotated[int, typer.Option(help="每月第几个工作日, -1 为最后一个, 0 不限")] = 0,
    span: Annotated[
        str, typer.Option(help="统计期: last_month last_quarter last_year yesterday this_month")
    ] = "last_month",
    form: Annotated[list[str], typer.Option("--form", help="格式, 可多次给出")] = ["xlsx"],  # noqa: B006
) -> None:
    """新增定时任务, 例如每月第一个工作日: --workday 1。"""
    timing = {"cron": cron, "workday": workday}
    body = {"name": name, "report": report, "timing": timing, "span": span, "wanted": {"forms": form}}
    with asking("stats") as http:
        answer(http.post("/schedules", json=body))
    console.print("已保存: 用 schedule list 查看下几次时间")


@schedule.command("remove")
def remove(schedule_id: Annotated[str, typer.Argument(metavar="ID", help="编号, 或能区分的前几位")]) -> None:
    """删除定时任务。"""
    with asking("stats") as http:
        whole = one_of((s["id"] for s in answer(http.get("/schedules"))), schedule_id, "定时任务")
        answer(http.delete(f"/schedules/{whole}"))
    console.print("已删除")
