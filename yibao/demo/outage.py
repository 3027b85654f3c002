"""One problem that several hospitals report: wait until the desk has noticed, confirm, tell everybody once, resolve."""

from collections.abc import Sequence
from typing import Any

from yibao.demo.desk import Desk, seen, together
from yibao.demo.staff import STAFF, short
from yibao.demo.steps import Widespread
from yibao.demo.view import View

Json = dict[str, Any]
LOOKS_WITHIN_S = 30.0  # detection looks every ten seconds
_VERBS = {"confirm": "确认群体故障", "broadcast": "群发答复", "resolve": "解除群体故障"}
# What is on the timeline of each case when the act has reached it.
_REACHES = {"confirm": "case.joined_outage", "broadcast": "case.responded", "resolve": "case.resolved"}


async def act(desk: Desk, view: View, step: Widespread, case_ids: Sequence[str]) -> None:
    """Carried out, also for every case, when this returns. Raises CommandRefused or NotSeen."""
    outage = await _suggested(desk, case_ids)
    number = outage["number"]
    if step.outage == "suggested":
        view.say(f"群体故障 {number}: {len(case_ids)} 家机构报同一问题 {short(outage['title'])}", "bold yellow")
        return
    await desk.post("intake", f"/outages/{outage['id']}/{step.outage}", step.by, step.body)

    async def reached() -> bool | None:
        cases = await together(lambda id_: desk.get("intake", f"/cases/{id_}"), case_ids)
        types = [{event["type"] for event in case["timeline"]} for case in cases]
        return all(_REACHES[step.outage] in known for known in types) or None

    await seen(reached, f"群体故障 {number} 到达每件工单")
    words = str(next(iter(step.body.values()), ""))
    view.say(f"{STAFF[step.by]} {_VERBS[step.outage]} {number} {short(words)}", "cyan")


async def _suggested(desk: Desk, case_ids: Sequence[str]) -> Json:
    """The outage that has all of these cases."""

    async def found() -> Json | None:
        outages = await desk.get("intake", "/outages")
        return next((o for o in outages if set(case_ids) <= set(o["cases"])), None)

    return await seen(found, "群体故障的提示", LOOKS_WITHIN_S)
