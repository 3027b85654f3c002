"""What staff do on the day: act on cases, take on alerts, watch a clock, search what was solved before."""

from functools import partial
from typing import Any
from urllib.parse import quote

from yibao.demo import day
from yibao.demo.desk import Desk, seen
from yibao.demo.view import View

Json = dict[str, Any]
STAFF = {
    "chen.jie": "组长陈洁",
    "ma.jun": "接口岗马军",
    "wang.fang": "综合岗王芳",
    "li.na": "清单岗李娜",
    "zhao.lei": "值班长赵磊",
}
VERBS = {
    "assign": "分派", "respond": "答复", "wait": "转等待", "escalate": "上报省平台", "chase": "催办", "resolve": "解决",
    "close": "关闭", "reopen": "重新打开", "note": "备注", "categorise": "改类别", "kind": "改类型", "step": "推进流程",
    "merge": "合并", "reveal": "查看原文", "acknowledge": "确认通知",
}  # fmt: skip
_WORDS = ("resolution", "text", "reason", "note", "category", "kind", "transition")


class Staff:
    """Every act is carried out when its method returns. Raises CommandRefused, NotSeen or httpx.HTTPError."""

    def __init__(self, desk: Desk, view: View) -> None:
        self._desk, self._view = desk, view
        self._resolved: set[str] = set()

    async def act(self, step: day.Do, case: Json, into: Json | None = None) -> None:
        """Act on a case; `into` is the other one of a merge."""
        if step.do == "acknowledge":
            await self._acknowledge(step, case["id"])
        else:
            more = {"into": into["id"]} if into else {}
            await self._desk.act(case["id"], step.do, step.by, {**step.body, **more})
            self._resolved |= {case["number"]} if step.do == "resolve" else set()
        words = next((str(step.body[k]) for k in _WORDS if k in step.body), "")
        self._view.say(f"{STAFF.get(step.by, step.by)} {VERBS[step.do]} {case['number']} {short(words)}", "cyan")

    async def _acknowledge(self, step: day.Do, case_id: str) -> None:
        async def raised() -> Json | None:
            found = await self._desk.inbox(("desk", "lead"))
            return next((a for a in found if a["case_id"] == case_id and a["rule"] == step.alert), None)

        alert = await seen(raised, "待确认的通知")
        await self._desk.post("notify", f"/alerts/{alert['alert_id']}/acknowledge", step.by)

    async def reveal(self, step: day.Do, case: Json, message_id: str) -> str:
        """The original of a masked message. It is not shown."""
        path = f"/cases/{case['id']}/messages/{quote(message_id, safe='')}/reveal"
        original = str((await self._desk.post("intake", path, step.by, step.body))["text"])
        self._view.say(f"{STAFF[step.by]} 查看 {case['number']} 的原文, 理由: {step.body['reason']}", "cyan")
        return original

    async def until(self, step: day.Until, case: Json) -> None:
        async def reached() -> bool | None:
            return any(clock[step.reached] for clock in await self._desk.clocks(case["id"])) or None

        word = {"warned": "预警", "breached": "超时"}[step.reached]
        await seen(reached, f"演练时限{word}")
        self._view.say(f"演练工单 {case['number']} 的首次响应时限已{word}", "bold yellow")

    async def search(self, text: str) -> None:
        """Find what was solved before: first everything resolved so far has to be an article."""
        for number in sorted(self._resolved):
            await seen(partial(self._desk.article, number), f"工单 {number} 的知识条目")
        self._resolved.clear()

        async def found() -> list[Json] | None:
            return await self._desk.search(text) or None

        hits = await seen(found, f"检索“{text}”的结果", within_s=8.0)
        self._view.say(f"检索“{text}”: {len(hits)} 条, 首条 {hits[0]['number']} {short(hits[0]['title'])}", "magenta")


def short(text: str, most: int = 48) -> str:
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1] + "…"
