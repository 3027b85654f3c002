"""Plays the day: publishes as the channels do, acts as staff do, and waits for what has to happen, never longer."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import httpx

from yibao.demo import day
from yibao.demo.desk import CommandRefused, Desk, NotSeen, seen
from yibao.demo.line import FATES, Line
from yibao.demo.statistics import RunFailed, statistics
from yibao.demo.view import CHANNELS, View
from yibao.demo.watch import Counts, alerts
from yibao.demo.wire import Wire

Json = dict[str, Any]
TROUBLE = (NotSeen, CommandRefused, RunFailed, httpx.HTTPError, OSError)
STAFF = {
    "chen.jie": "接口岗陈洁",
    "ma.jun": "结算岗马骏",
    "wang.fang": "综合岗王芳",
    "li.na": "清单岗李娜",
    "zhao.lei": "值班长赵磊",
}
VERBS = {
    "assign": "分派", "respond": "答复", "wait": "转等待", "escalate": "上报省平台", "resolve": "解决",
    "close": "关闭", "reopen": "重新打开", "acknowledge": "确认通知",
}  # fmt: skip


class Played(NamedTuple):
    """What has to be accounted for; every figure about it is read from the services."""

    play: day.Play
    lines: list[Line]
    planted: list[str]
    queries: list[str]
    drill: str | None
    run_id: str | None
    workbook: Path | None
    troubles: list[str]


class Player:
    """One playing of a day. A step that fails is a trouble in the account, not the end of the day."""

    def __init__(self, desk: Desk, wire: Wire, view: View, play: day.Play, pace_s: float) -> None:
        self._desk, self._wire, self._view, self._play, self._pace_s = desk, wire, view, play, pace_s
        self._counts = Counts(desk, view)
        self._lines: list[Line] = []
        self._fates: dict[str, asyncio.Task[Json]] = {}
        self._troubles: list[str] = []

    async def play(self, steps: Sequence[day.AnyStep], directory: Path) -> Played:
        watching = [asyncio.create_task(work) for work in (self._counts.run(), alerts(self._desk, self._view))]
        report = asyncio.create_task(statistics(self._desk, self._view, directory, day.now()))
        try:
            for step in steps:
                await self._try(self._step(step))
            await self._settle()
            await self._try(report)
        finally:
            for task in watching:
                task.cancel()
        done = report.done() and not report.cancelled() and report.exception() is None
        run_id, workbook = report.result() if done else (None, None)
        queries = [step.search for step in steps if isinstance(step, day.Search)]
        return Played(
            self._play, self._lines, day.planted(list(steps)), queries, self._counts.drill, run_id, workbook,
            self._troubles,
        )  # fmt: skip

    async def _try(self, work: Any) -> None:
        try:
            await work
        except TROUBLE as error:
            self._troubles.append(str(error) or type(error).__name__)
            self._view.say(f"异常: {self._troubles[-1]}", "bold red")

    async def _step(self, step: day.AnyStep) -> None:
        match step:
            case day.Say() | day.Broken():
                await self._publish(step)
            case day.Do():
                await self._settle()
                await self._act(step)
            case day.Until():
                await self._until(step)
            case day.Search():
                await self._search(step.search)

    async def _publish(self, step: day.Say | day.Broken) -> None:
        line = self._play.line(len(self._lines) + 1, step, day.now())
        self._lines.append(line)
        await self._wire.publish([line])
        key = step.say if isinstance(step, day.Say) else step.broken
        self._fates[key] = asyncio.create_task(self._follow(line, key))
        await asyncio.sleep(self._pace_s)

    async def _follow(self, line: Line, key: str) -> Json:
        """Wait until the message is handled and show what was stored of it. Returns its case, {} when it is dead."""
        where = f"{CHANNELS[line.channel]} {key}"
        if line.expect == "dead":

            async def dead() -> str | None:
                return (await self._wire.dead()).get(line.n)

            reason = await seen(dead, f"消息 {key} 的死信")
            self._view.say(f"{where} → 死信: {reason}", "red")
            return {}
        case = await seen(lambda: self._desk.outcome(line.channel, line.message_id), f"消息 {key} 的处理结果")
        if key == "drill":
            self._counts.drill = case["id"]
        text = next((known["text"] for known in case["lines"] if line.message_id in known["message_ids"]), "")
        fate = FATES["resent"] if line.expect == "resent" else FATES[case["outcome"]]
        style = {"case": "green", "duplicate": "dim"}.get(case["outcome"], "")
        self._view.say(f"{where} → {fate} {case['number']} 〔{case['category']}〕 {_short(text)}", style)
        return case

    async def _settle(self) -> None:
        """Everything published so far is handled; who acts, acts on what is known."""
        pending = [task for task in self._fates.values() if not task.done()]
        if pending:
            await asyncio.wait(pending)

    async def _act(self, step: day.Do) -> None:
        case = await self._fates[step.case]
        if step.do == "acknowledge":
            await self._acknowledge(step, case["id"])
        else:
            await self._desk.act(case["id"], step.do, step.by, step.body)
        words = next((str(step.body[k]) for k in ("resolution", "text", "reason") if k in step.body), "")
        self._view.say(f"{STAFF.get(step.by, step.by)} {VERBS[step.do]} {case['number']} {_short(words)}", "cyan")

    async def _acknowledge(self, step: day.Do, case_id: str) -> None:
        async def raised() -> Json | None:
            found = await self._desk.inbox(("desk", "lead"))
            return next((a for a in found if a["case_id"] == case_id and a["rule"] == step.alert), None)

        alert = await seen(raised, "待确认的通知")
        await self._desk.post("notify", f"/alerts/{alert['alert_id']}/acknowledge", step.by)

    async def _until(self, step: day.Until) -> None:
        case = await self._fates[step.until]

        async def reached() -> bool | None:
            return any(clock[step.reached] for clock in await self._desk.clocks(case["id"])) or None

        word = {"warned": "预警", "breached": "超时"}[step.reached]
        await seen(reached, f"演练时限{word}")
        self._view.say(f"演练工单 {case['number']} 的首次响应时限已{word}", "bold yellow")

    async def _search(self, text: str) -> None:
        async def found() -> list[Json] | None:
            return await self._desk.search(text) or None

        hits = await seen(found, f"检索“{text}”的结果", within_s=8.0)
        self._view.say(f"检索“{text}”: {len(hits)} 条, 首条 {hits[0]['number']} {_short(hits[0]['title'])}", "magenta")


def _short(text: str, most: int = 48) -> str:
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1] + "…"
