"""`yibao stats runs`, `cancel`, `accept`, `take`: what was counted, and who handed it over."""

from pathlib import Path
from typing import Annotated

import typer

from yibao import stats_tables as shown
from yibao.asking import answer, asking, console, given, saved
from yibao.following import run_id

Run = Annotated[str, typer.Argument(metavar="任务", help="编号, 或能区分的前几位")]
By = Annotated[str, typer.Option("--as", help="以谁的工号操作")]
app = typer.Typer()


@app.command()
def runs(
    report: Annotated[str, typer.Option(help="只看一张报表")] = "",
    status: Annotated[str, typer.Option(help="requested running finished failed cancelled")] = "",
    limit: Annotated[int, typer.Option(min=1, max=500)] = 20,
) -> None:
    """最近的统计任务, 新的在前。"""
    with asking("stats") as http:
        found = answer(http.get("/runs", params=given({"report": report, "status": status, "limit": limit})))
    console.print(shown.runs(found) if found else "还没有统计任务: 用 yibao stats run 提交")


@app.command()
def cancel(run: Run, why: Annotated[str, typer.Option(help="原因")] = "", staff: By = "") -> None:
    """取消排队或进行中的任务。"""
    with asking("stats", staff) as http:
        answer(http.post(f"/runs/{run_id(http, run)}/cancel", json={"reason": why}))
    console.print("已取消")


@app.command()
def accept(run: Run, why: Annotated[str, typer.Option(help="理由")], staff: By = "") -> None:
    """放行未通过检查的结果; 须由提交人以外的同事操作。"""
    with asking("stats", staff) as http:
        body = {"text": why, "decision": "accept"}
        answer(http.post(f"/runs/{run_id(http, run)}/comments", json=body))
    console.print("已放行, 理由已留痕")


@app.command()
def take(
    run: Run,
    form: Annotated[list[str], typer.Option("--form", help="xlsx pdf html csv parquet zip; 不写则全部")] = [],  # noqa: B006
    out: Annotated[Path, typer.Option("--out", "-o", help="放在哪个目录")] = Path(),
    staff: By = "",
) -> None:
    """下载一个任务的结果; 谁在何时下载会留痕。"""
    with asking("stats", staff) as http:
        found = answer(http.get(f"/runs/{run_id(http, run)}"))
        files = (((found["result"] or {}).get("outcome")) or {}).get("files", ())
        out.mkdir(parents=True, exist_ok=True)
        for one in form or [f["form"] for f in files]:
            name = f"differences.{one}" if one == "zip" else f"output.{one}"
            target = out / f"{found['report']}-{found['wanted']['period'] or 'all'}-{found['id'][:8]}.{one}"
            saved(http, f"/runs/{found['id']}/{name}", target, {})
            console.print(f"已写出 {target}")
