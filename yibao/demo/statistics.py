"""The report of the day: upload a sheet, request the run, follow it, fetch the workbook."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from yibao.demo.desk import Desk, seen
from yibao.demo.settlements import sheet
from yibao.demo.view import View

Json = dict[str, Any]
REPORT = "settlement_summary"
BY = "zhao.lei"
SEED = 2026


class RunFailed(Exception):
    """The report came to no result; the message is the service's reason."""


async def statistics(desk: Desk, view: View, directory: Path, now: datetime) -> tuple[str, Path]:
    """The run's id and the workbook's path. Raises RunFailed, NotSeen or httpx.HTTPError."""
    month = now.replace(day=1) - timedelta(days=1)
    made = sheet(SEED, month)
    name = f"settlements-{month:%Y%m}.csv"
    view.report(f"上传 {name}: {made.rows} 行")
    answer = await desk.http.post(desk.url("stats", "/uploads"), files={"file": (name, made.data, "text/csv")})
    upload = answer.raise_for_status().json()
    asked = await desk.post("stats", "/runs", BY, {"report": REPORT, "upload_id": upload["upload_id"]})
    run_id = str(asked.get("id") or asked["url"].rsplit("/", 1)[-1])
    shown = ""

    async def ended() -> Json | None:
        nonlocal shown
        answer = await desk.http.get(desk.url("stats", f"/runs/{run_id}"))
        if answer.status_code == 404:
            return None
        run: Json = answer.raise_for_status().json()
        if (stage := run.get("stage") or "") != shown:
            shown = stage
            view.report(f"{stage} ({run['done']:.0%})")
        return run if run["status"] in ("finished", "failed") else None

    run = await seen(ended, "报表完成", within_s=60.0)
    if run["status"] == "failed":
        raise RunFailed(f"报表失败: {run.get('reason')}")
    workbook = directory / f"{REPORT}-{run_id[:8]}.xlsx"
    directory.mkdir(parents=True, exist_ok=True)
    output = await desk.http.get(desk.url("stats", f"/runs/{run_id}/output.xlsx"))
    workbook.write_bytes(output.raise_for_status().content)
    result = run["result"]
    rows = f"输入 {result['rows_in']} 行, 计入 {result['rows_accepted']}, 退回 {result['rows_rejected']}"
    view.report(f"完成: {rows} → {workbook}")
    return run_id, workbook
