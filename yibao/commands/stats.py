"""`yibao stats`: what can be counted, reading files in, counting, definitions, schedules."""

from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import httpx
import typer

from yibao import stats_tables as shown
from yibao.asking import answer, asking, console, fail, given, saved
from yibao.commands import stats_agreeing, stats_reconciling, stats_runs
from yibao.following import followed

app = typer.Typer(no_args_is_help=True, help="统计: 报表目录, 读入数据, 出报表, 口径, 定时任务, 对账。")
app.add_typer(stats_agreeing.definition, name="definition")
app.add_typer(stats_agreeing.schedule, name="schedule")
app.add_typer(stats_reconciling.app, name="reconcile")
app.add_typer(stats_runs.app)
Json = dict[str, Any]
SERVICE, UPLOAD_S = "stats", 3600.0
_KINDS = (".csv", ".txt", ".xlsx", ".xls", ".parquet", ".zip")
Forms = Annotated[list[str], typer.Option("--form", help="格式, 可多次给出: xlsx pdf html csv parquet")]


@app.command()
def reports(family: Annotated[str, typer.Option(help="只看一类, 例如 fund")] = "") -> None:
    """报表目录: 能出哪些报表, 按哪些数据表。"""
    with asking(SERVICE) as http:
        found = [r for r in answer(http.get("/reports")) if not family or r["family"] == family]
    console.print(shown.reports(found) if found else "没有这一类报表")


@app.command()
def report(name: Annotated[str, typer.Argument(help="报表编号, 例如 employee_settlement")]) -> None:
    """一张报表的口径: 用途、筛选条件、指标、检查。"""
    with asking(SERVICE) as http:
        for line in shown.definition(answer(http.get(f"/reports/{quote(name, safe='')}"))):
            console.print(line)


@app.command()
def tables(name: Annotated[str, typer.Argument(help="数据表; 不写则列出全部")] = "") -> None:
    """数据表目录, 或一张数据表的列。"""
    with asking(SERVICE) as http:
        if name:
            console.print(shown.columns(answer(http.get(f"/tables/{quote(name, safe='')}"))))
        else:
            console.print(shown.tables(answer(http.get("/tables"))))


@app.command()
def load(
    paths: Annotated[
        list[Path], typer.Argument(help="CSV、XLSX、Parquet、其 ZIP, 或目录; 文件名即数据表名", exists=True)
    ],
    table: Annotated[str, typer.Option(help="数据表; 不写则取文件名")] = "",
    layout: Annotated[str, typer.Option(help="没有表头的 TXT 的版式, 例如 3202")] = "",
    fill: Annotated[list[str], typer.Option("--given", help="文件里没有的列, 写作 列=值, 可多次给出")] = [],  # noqa: B006
    empty: Annotated[bool, typer.Option("--empty", help="只有表头的文件也读入: 这段时间确实没有数据")] = False,
) -> None:
    """上传文件并读入数据表; 退回的行写在当前目录的 rejects 文件中。有文件没有读成时退出码为 1。"""
    failed = 0
    with asking(SERVICE, within_s=UPLOAD_S) as http:
        for path in [file for given_ in paths for file in _files(given_)]:
            told = given({"empty": empty, "layout": layout, "given": dict(g.split("=", 1) for g in fill if "=" in g)})
            run = _read_in(http, path, table or path.name.partition(".")[0], told)
            console.print(shown.read_in(path.name, run))
            failed += run["status"] != "finished"
            if run["status"] == "finished" and run["result"]["rows_rejected"]:
                target = Path(f"rejects-{path.name.partition('.')[0]}-{run['id'][:8]}.csv")
                saved(http, f"/runs/{run['id']}/rejects.csv", target, {})
                console.print(f"  退回的行: {target}, 改正后可重新读入")
    if failed:
        fail(f"{failed} 个文件没有读入: 原因见上", 1)


@app.command()
def run(
    name: Annotated[str, typer.Argument(help="报表编号, 例如 employee_settlement")],
    period: Annotated[str, typer.Option(help="统计期: 2026-10, 2026-Q3, 2026, 2026-01..09, 2026-10-31")] = "",
    parameter: Annotated[list[str], typer.Option("--with", help="参数, 写作 名=值, 可多次给出")] = [],  # noqa: B006
    institution: Annotated[list[str], typer.Option(help="只统计这家机构, 可多次给出")] = [],  # noqa: B006
    district: Annotated[list[str], typer.Option(help="只统计这个区划 (可为前几位), 可多次给出")] = [],  # noqa: B006
    form: Forms = ["xlsx"],  # noqa: B006
    trial: Annotated[str, typer.Option(metavar="HASH", help="用这个尚未生效的口径版本试算")] = "",
    staff: Annotated[str, typer.Option("--as", help="以谁的工号提交")] = "",
    out: Annotated[Path, typer.Option("--out", "-o", help="结果放在哪个目录")] = Path(),
) -> None:
    """出一张报表: 等待完成, 显示检查结果, 下载结果。"""
    body = given({
        "report": name, "period": period, "parameters": dict(p.split("=", 1) for p in parameter if "=" in p),
        "institutions": institution, "districts": district, "forms": form, "trial": bool(trial),
    })  # fmt: skip
    with asking(SERVICE, staff, within_s=UPLOAD_S) as http:
        if trial:
            body["definition_hash"] = stats_agreeing.whole_hash(http, name, trial)
        ended = followed(http, answer(http.post("/runs", json=body)))
        console.print(shown.run(ended))
        if ended["status"] != "finished":
            fail(ended.get("reason") or "任务没有完成", 1)
        if not ended["handed_over"]:
            again = f"由另一位同事 yibao stats accept {ended['id'][:8]} --why 理由 放行后再 take"
            fail(f"结果未通过检查, 没有下载: 请改正数据后重新统计, 或{again}", 1)
        out.mkdir(parents=True, exist_ok=True)
        for file in (ended["result"]["outcome"] or {}).get("files", ()):
            target = out / f"{name}-{period.replace('..', '-') or 'all'}.{file['form']}"
            saved(http, f"/runs/{ended['id']}/output.{file['form']}", target, {})
            console.print(f"已写出 {target}")


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def sample(context: typer.Context) -> None:
    """生成模拟数据 (不含任何真实信息), 可直接用 load 读入; 参数见 --out, --persons, --months, --seed。"""
    from services.stats.sample.__main__ import main

    raise typer.Exit(main(context.args))


def _files(path: Path) -> list[Path]:
    """The path itself, or the files of a folder that look like data."""
    if not path.is_dir():
        return [path]
    return sorted(
        p for p in path.iterdir() if p.suffix.lower() in (".csv", ".txt", ".xlsx", ".xls", ".parquet", ".zip")
    )


def _read_in(http: httpx.Client, path: Path, table: str, told: Json) -> Json:
    with path.open("rb") as file:
        uploaded = answer(http.post("/uploads", files={"file": (path.name, file)}))
    body = {"table": table, "upload_id": uploaded["upload_id"], "name": path.name, **told}
    return followed(http, answer(http.post("/datasets", json=body)))
