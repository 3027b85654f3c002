"""`yibao stats reconcile`: a hospital's ledger against the centre's, and what becomes of the differences."""

from pathlib import Path
from typing import Annotated, Any

import httpx
import typer

from yibao import stats_tables as shown
from yibao.asking import answer, asking, console, fail, given, saved
from yibao.following import followed, one_of

app = typer.Typer(no_args_is_help=True, help="对账: 医院台账与中心台账逐笔比对, 下发差异, 办结。")
WITHIN_S, MOST_AT_ONCE = 3600.0, 500
Id = Annotated[str, typer.Argument(metavar="对账", help="编号, 或能区分的前几位")]
Note = Annotated[str, typer.Option(help="说明")]
By = Annotated[str, typer.Option("--as", help="以谁的工号操作")]


@app.command()
def compare(
    institution: Annotated[str, typer.Argument(help="定点医药机构编号")],
    period: Annotated[str, typer.Option(help="对账期间: 月 2026-10 或日 2026-10-31")],
    out: Annotated[Path, typer.Option("--out", "-o", help="工作簿 (XLSX) 与结果 TXT (ZIP) 放在哪个目录")] = Path(),
    refunds: Annotated[bool, typer.Option("--refunds/--no-refunds", help="总账是否含退费")] = True,
    may_be_empty: Annotated[bool, typer.Option(help="有一边这个期间确实一笔也没有")] = False,
    staff: By = "",
) -> None:
    """比对一家机构一个期间的两本台账 (先用 load 读入 hospital_ledger 与 centre_ledger)。"""
    with asking("stats", staff, within_s=WITHIN_S) as http:
        chosen = {"refunds": "" if refunds else "0", "may_be_empty": "1" if may_be_empty else ""}
        wish: dict[str, Any] = {"report": "reconciliation", "period": period, "institutions": [institution]}
        wish["parameters"] = given(chosen)
        run = followed(http, answer(http.post("/runs", json=wish)))
        if run["status"] != "finished":
            fail(run.get("reason") or "对账没有完成", 1)
        console.print(f"{institution} {period}: " + "\n  注意: ".join(run["result"]["outcome"]["notes"]))
        for of, count in run["result"]["outcome"]["facts"].items():
            console.print(f"  {of}: {count} 笔" if count else f"  {of}: 无")
        if not run["handed_over"]:
            found = "; ".join(c["found"] for c in run["result"]["outcome"]["checks"])
            fail(f"对账结果未通过检查, 没有下载: {found}: 请把任务编号 {run['id']} 告知信息科", 1)
        out.mkdir(parents=True, exist_ok=True)
        for form, name in (("xlsx", "output.xlsx"), ("zip", "differences.zip")):
            target = out / f"对账-{institution}-{period}.{form}"
            saved(http, f"/runs/{run['id']}/{name}", target, {})
            console.print(f"已写出 {target}")
    console.print("下发: yibao stats reconcile list 查编号, 再 yibao stats reconcile raise 编号")


@app.command("list")
def list_(period: Annotated[str, typer.Option(help="只看一个期间")] = "") -> None:
    """各机构的对账, 新的在前。"""
    with asking("stats") as http:
        found = answer(http.get("/reconciliations", params=given({"period": period})))
    console.print(shown.reconciliations(found) if found else "还没有对账: 用 yibao stats reconcile compare 开始")


@app.command()
def show(id_: Id, unanswered: Annotated[bool, typer.Option(help="只看医院还没有反馈的")] = False) -> None:
    """逐条差异与医院的反馈; 金额为医院减中心。"""
    with asking("stats") as http:
        query = {"unanswered": unanswered}
        found = answer(http.get(f"/reconciliations/{_whole(http, id_)}/differences", params=query))
    console.print(shown.differences(found["differences"]) if found["differences"] else "没有差异")


@app.command("raise")
def raise_(id_: Id, note: Note = "", staff: By = "") -> None:
    """把差异下发给医院: 成为医院的一件工单。"""
    with asking("stats", staff) as http:
        answer(http.post(f"/reconciliations/{_whole(http, id_)}/raise", json={"note": note}))
    console.print("已下发: 医院的工单片刻后出现在受理列表中")


@app.command("answer")
def answer_(
    id_: Id,
    file: Annotated[Path, typer.Argument(help="医院交回的工作簿或 CSV: 差异编号、医院反馈、反馈说明", exists=True)],
    staff: By = "",
) -> None:
    """登记医院的反馈: 读取医院在对账工作簿 (或 CSV) 中填写的两列。"""
    from services.stats.reconcile.feedback import Unfit, answers
    from yibao.sheets import UnreadableSheet, sheets

    try:
        filled, empty = answers(sheets(file))
    except (Unfit, UnreadableSheet) as unfit:
        fail(str(unfit), 2)
    if not filled:
        fail("文件中没有填写反馈: 请在 医院反馈 一列选择 属实、不属实 或 已更正", 2)
    told = [{"id": one.id, "verdict": one.verdict, "note": one.note} for one in filled]
    with asking("stats", staff) as http:
        where = f"/reconciliations/{_whole(http, id_)}/answer"
        for start in range(0, len(told), MOST_AT_ONCE):
            answer(http.post(where, json={"answers": told[start : start + MOST_AT_ONCE]}))
    console.print(f"已登记 {len(told)} 条反馈" + (f", 还有 {empty} 条没有填写" if empty else ""))


@app.command()
def settle(id_: Id, note: Note = "", staff: By = "") -> None:
    """办结: 全部差异已反馈且协商一致。"""
    with asking("stats", staff) as http:
        answer(http.post(f"/reconciliations/{_whole(http, id_)}/settle", json={"note": note}))
    console.print("已办结")


@app.command()
def sample(
    out: Annotated[Path, typer.Option("--out", help="写到哪个目录")],
    rows: Annotated[int, typer.Option(help="每边约多少笔", min=200)] = 3000,
    each: Annotated[int, typer.Option(help="每类差异埋入几处", min=0, max=10)] = 2,
    seed: Annotated[int, typer.Option(help="种子")] = 1,
    institution: Annotated[str, typer.Option(help="机构编码")] = "H62010000001",
) -> None:
    """生成一家机构 2026 年 10 月的两本模拟台账, 九类差异各埋入若干处。"""
    from services.stats.reconcile.sample import ledgers

    planted = dict.fromkeys(range(1, 10), each) if each else {}
    made = ledgers(out, rows, seed, planted, institution=institution)
    names = ("hospital_ledger", "centre_ledger", "cross_region_failure")
    for path, name in zip((made.hospital, made.centre, made.unsuccessful), names, strict=True):
        console.print(f"已写出 {path.replace(out / f'{name}.parquet')}")
    truth = out / "truth"
    truth.mkdir(exist_ok=True)
    console.print(f"埋入的差异: {made.planted.replace(truth / 'planted.parquet')}")
    console.print(f"读入: yibao stats load {out}", soft_wrap=True)
    console.print(f"比对: yibao stats reconcile compare {institution} --period 2026-10")


def _whole(http: httpx.Client, beginning: str) -> str:
    if len(beginning) == 36:
        return beginning
    return one_of((r["id"] for r in answer(http.get("/reconciliations?limit=500"))), beginning, "对账")
