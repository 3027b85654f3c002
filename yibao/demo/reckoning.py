"""The catalogue at work: invented settlements are read in and counted, two ledgers compared, differences made a case.

The data are the same in every play, so playing again registers nothing anew and reconciles the same period again.
"""

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from yibao.demo.desk import CommandRefused, Desk, seen
from yibao.demo.view import View

Json = dict[str, Any]
PERIOD, INSTITUTION = "2026-10", "H62010290002"
REPORTS = ("medical_fund_expenditure", "card_payments")
LEDGERS = ("hospital_ledger", "centre_ledger", "cross_region_failure")
CLASSES = 9  # one difference of each is planted
BY, LEAD = "zhao.lei", "chen.jie"
_PATH = Path(__file__).parents[2]
_WITHIN_S = 120.0


class NotMade(OSError):
    """The invented data could not be written."""


async def reckon(desk: Desk, view: View, directory: Path) -> Json:
    """What came of it. Raises NotMade, NotSeen, CommandRefused or httpx.HTTPError."""
    await _made(directory)
    read = await _read_in(desk, directory / "sample", "setl_d", then=REPORTS)
    view.report(f"读入结算 {read['result']['rows_accepted']} 行")
    for name in LEDGERS:
        await _read_in(desk, directory / "ledgers", name)
    counted = [await _following(desk, read["id"], report) for report in REPORTS]
    for run in counted:
        view.report(f"{run['report']}: {run['result']['rows_out']} 行, {_verdict(run)}")
    found = await _reconciled(desk, view)
    return {
        "reports": {run["report"]: {"rows": run["result"]["rows_out"], "verdict": run["verdict"]} for run in counted},
        "reconciliation": found,
    }


async def _made(directory: Path) -> None:
    """In processes of their own: DuckDB is loaded there."""
    sample = ("sample", "--out", str(directory / "sample"), "--seed", "2026", "--persons", "300",
              "--months", "2026-09..2026-10")  # fmt: skip
    ledgers = ("reconcile", "sample", "--out", str(directory / "ledgers"), "--rows", "400", "--each", "1",
               "--institution", INSTITUTION)  # fmt: skip
    for words in (sample, ledgers):
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "yibao", "stats", *words, cwd=_PATH, stdout=asyncio.subprocess.DEVNULL
        )
        if code := await child.wait():
            raise NotMade(f"模拟数据没有生成 (退出码 {code}): 请运行 yibao stats {words[0]} 查看原因")


async def _read_in(desk: Desk, folder: Path, table: str, then: Sequence[str] = ()) -> Json:
    name = f"{table}.parquet"
    data = await asyncio.to_thread((folder / name).read_bytes)
    answer = await desk.http.post(desk.url("stats", "/uploads"), files={"file": (name, data)})
    upload = answer.raise_for_status().json()["upload_id"]
    body = {"table": table, "upload_id": upload, "name": name, "then": [*then], "period": PERIOD}
    return await _ended(desk, await desk.post("stats", "/datasets", BY, body))


async def _following(desk: Desk, run_id: str, report: str) -> Json:
    """The run of a report that was asked for when this one ended."""

    async def asked() -> Json | None:
        found = await desk.get("stats", "/runs", report=report)
        return next((run for run in found if run["after"] == run_id), None)

    return await _ended(desk, await seen(asked, f"报表任务 {report}", _WITHIN_S))


async def _ended(desk: Desk, asked: Json) -> Json:
    where = f"/runs/{asked.get('id') or asked['url'].rsplit('/', 1)[-1]}"

    async def ended() -> Json | None:
        run: Json = await desk.get("stats", where)
        return run if run["status"] in ("finished", "failed", "cancelled") else None

    run = await seen(ended, "统计任务完成", _WITHIN_S)
    if run["status"] != "finished":
        raise CommandRefused(f"统计任务 {run['report']} 没有完成: {run['reason']}")
    return run


async def _reconciled(desk: Desk, view: View) -> Json:
    wish = {"report": "reconciliation", "period": PERIOD, "institutions": [INSTITUTION]}
    run = await _ended(desk, await desk.post("stats", "/runs", BY, wish))

    async def compared() -> Json | None:
        found = await desk.get("stats", "/reconciliations", period=PERIOD, institution=INSTITUTION)
        return next((one for one in found if one["run_id"] == run["id"]), None)

    known = await seen(compared, "对账结果")
    view.report(f"对账 {INSTITUTION} {PERIOD}: {known['count']} 条差异")
    if known["status"] == "open":
        await desk.post("stats", f"/reconciliations/{known['id']}/raise", LEAD, {"note": "演示: 请核实"})
    number = await _case(desk, known["id"])
    view.report(f"差异已下发, 医院的工单 {number}")
    return {"id": known["id"], "found": [t["of"] for t in known["tallies"] if t["count"] == 1], "case": number}


async def _case(desk: Desk, id_: str) -> str:
    """The number of the case that the differences became."""

    async def opened() -> str | None:
        whole = await desk.get("stats", f"/reconciliations/{id_}")
        said = next((e for e in whole["timeline"] if e["type"] == "reconciliation.raised"), None)
        case = said and await desk.outcome("web", f"reconciliation:{said['id']}")
        return str(case["number"]) if case else None

    return await seen(opened, "对账差异的工单")


def _verdict(run: Json) -> str:
    return {"passed": "检查通过", "warned": "检查有提示"}.get(run["verdict"], "检查未通过")
