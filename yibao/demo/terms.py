"""What a contract is judged by, beside the day: a clause, time that does not count, evidence of a duty."""

from datetime import timedelta
from typing import Any

from chassis.zone import BEIJING
from yibao.demo.day import now
from yibao.demo.desk import Desk, seen
from yibao.demo.view import View

Json = dict[str, Any]
CLAUSE = {"number": "3.1", "title": "首次响应及时率", "clock": "first_response", "share": 0.95}
REASON, NOTE = "省平台停机升级, 已提前公告", "接口培训签到表, 12 家机构参加"
SHEET = "机构,到场人数\n市第二人民医院,3\n安和骨科医院,2\n县人民医院,2\n"
BY, LEAD = "zhao.lei", "chen.jie"


def agreed() -> tuple[str, int]:
    """A contract of the demo's own, which covers no institution and whose duties stay open, and its last year."""
    year = now().astimezone(BEIJING).year
    return f"demo-{year}", year + 1


async def agree(desk: Desk, view: View) -> None:
    """Raises CommandRefused, NotSeen or httpx.HTTPError. It waits some seconds for the planner of duties."""
    contract, last = agreed()
    term = {"name": "演示合同", "begins": f"{last - 1}-01-01", "ends": f"{last}-12-31", "trainings": 12}
    url = desk.url("intake", f"/directory/contract/{contract}")
    (await desk.http.put(url, json={**term, "clauses": [CLAUSE]}, auth=desk.by(BY))).raise_for_status()
    view.say(f"演示合同第 {CLAUSE['number']} 条: {CLAUSE['title']}不低于 95%", "cyan")
    duty = await seen(lambda: _training(desk), "合同的培训义务")
    ends = now() - timedelta(days=1)
    wish: Json = {"ground": "platform_maintenance", "text": REASON, "scope": {"contracts": [contract]}}
    wish |= {"begins": (ends - timedelta(hours=2)).isoformat(), "ends": ends.isoformat()}
    asked = await desk.post("sla", "/exemptions", BY, wish)
    await desk.post("sla", f"/exemptions/{asked['id']}/approve", LEAD)
    view.say(f"免责: {REASON} (赵磊申请, 陈洁批准)", "cyan")
    url = desk.url("sla", f"/obligations/{duty['id']}/evidence")
    files = {"file": ("签到表.csv", SHEET.encode(), "text/csv")}
    (await desk.http.post(url, data={"note": NOTE}, files=files, auth=desk.by(BY))).raise_for_status()
    view.say(f"培训凭证: {NOTE}", "cyan")


async def _training(desk: Desk) -> Json | None:
    contract, last = agreed()
    duties = await desk.get("sla", "/obligations", month=f"{last}-12", contract=contract)
    return next((duty for duty in duties if duty["definition"] == "trainings"), None)


async def kept(desk: Desk) -> dict[str, bool]:
    """What sla shows of it."""
    told = await desk.get("sla", "/attainment", month=f"{now().astimezone(BEIJING):%Y-%m}")
    exemptions = await desk.get("sla", "/exemptions", standing="approved")
    duty = await _training(desk)
    items = (await desk.get("sla", f"/obligations/{duty['id']}"))["items"] if duty else []
    return {
        "clause": (agreed()[0], CLAUSE["number"]) in {(c["contract"], c["number"]) for c in told["clauses"]},
        "exemption": any(one["text"] == REASON for one in exemptions),
        "evidence": any(piece["note"] == NOTE for item in items for piece in item["evidence"]),
    }
