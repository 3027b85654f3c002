"""Uploads and report runs over stats' HTTP."""

import random

import httpx

from tests.support.desk import Desk
from tests.support.traces import Json
from tests.support.wait import until

STAFF = {"X-Yibao-Staff": "wang"}
LARGE = 200_000  # rows that take a few seconds to count
_HEADER = (
    "setl_id,psn_no,psn_name,insutype,clr_type,setl_optins,setl_time,"
    "medfee_sumamt,fund_pay_sumamt,acct_pay,cash_payamt,refd_setl_flag"
)


def settlements(n: int, seed: int = 1) -> bytes:
    """`n` good rows and a bad one."""
    chance = random.Random(seed)
    lines = [_HEADER]
    for i in range(n):
        group = f"{chance.choice(['310', '390'])},{chance.choice(['11', '21'])},620101"
        lines.append(f"S{i},6201{i:08},张三,{group},2025-01-{1 + i % 28:02} 08:00:00,100.00,60.00,10.00,30.00,0")
    lines.append("S坏,1,李四,999,11,620101,2025-01-01,1,1,0,0,0")
    return "\n".join(lines).encode("gb18030")


async def upload(desk: Desk, content: bytes) -> httpx.Response:
    files = {"file": ("结算.csv", content, "text/csv")}
    return await desk.http.post(desk.url("stats", "/uploads"), files=files, headers=STAFF)


async def uploaded(desk: Desk, content: bytes) -> str:
    return str((await upload(desk, content)).json()["upload_id"])


async def request(desk: Desk, upload_id: str, key: str) -> httpx.Response:
    body = {"report": "settlement_summary", "upload_id": upload_id}
    return await desk.http.post(desk.url("stats", "/runs"), json=body, headers={**STAFF, "Idempotency-Key": key})


async def requested(desk: Desk, upload_id: str, key: str) -> str:
    return str((await request(desk, upload_id, key)).json()["id"])


async def ended(desk: Desk, run_id: str, within_s: float = 60) -> Json:
    async def look() -> Json | None:
        run: Json = (await desk.http.get(desk.url("stats", f"/runs/{run_id}"), headers=STAFF)).json()
        return run if run.get("status") in ("finished", "failed", "cancelled") else None

    return await until(f"run {run_id} has ended", look, within_s)
