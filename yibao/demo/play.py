"""Plays the day: publishes as the channels do, acts as staff do, and waits for what has to happen, never longer."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import httpx

from yibao.demo import day, doors, morning, outage, terms
from yibao.demo.desk import CommandRefused, Desk, NotSeen, T, seen
from yibao.demo.furnished import furnish
from yibao.demo.line import FATES, Line
from yibao.demo.reckoning import reckon
from yibao.demo.staff import Staff, short
from yibao.demo.statistics import RunFailed, statistics
from yibao.demo.steps import Call, Directory, Form, OnDuty, Widespread
from yibao.demo.view import CHANNELS, View
from yibao.demo.watch import Counts, alerts
from yibao.demo.wire import Wire

Json = dict[str, Any]
TROUBLE = (NotSeen, CommandRefused, RunFailed, httpx.HTTPError, OSError)


class Played(NamedTuple):
    """What has to be accounted for; every figure about it is read from the services.

    `said` has the line of every message by its name in the script, `opened` the id of the case that it reached first;
    `read` are the originals that staff have read, by message.
    """

    play: day.Play
    steps: Sequence[day.AnyStep]
    lines: list[Line]
    said: dict[str, Line]
    opened: dict[str, str]
    read: dict[str, str]
    planted: list[str]
    queries: list[str]
    drill: str | None
    run_id: str | None
    workbook: Path | None
    reckoned: Json | None
    troubles: list[str]


class Player:
    """One playing of a day. A step that fails is a trouble in the account, not the end of the day."""

    def __init__(self, desk: Desk, wire: Wire, view: View, play: day.Play, pace_s: float) -> None:
        self._desk, self._wire, self._view, self._play, self._pace_s = desk, wire, view, play, pace_s
        self._counts, self._staff = Counts(desk, view), Staff(desk, view)
        self._lines: list[Line] = []
        self._said: dict[str, Line] = {}
        self._read: dict[str, str] = {}
        self._fates: dict[str, asyncio.Task[Json]] = {}
        self._troubles: list[str] = []

    async def play(self, steps: Sequence[day.AnyStep], directory: Path) -> Played:
        watching = [asyncio.create_task(work) for work in (self._counts.run(), alerts(self._desk, self._view))]
        report = asyncio.create_task(statistics(self._desk, self._view, directory, day.now()))
        reckoned = asyncio.create_task(reckon(self._desk, self._view, directory))
        agreed = asyncio.create_task(terms.agree(self._desk, self._view))
        try:
            for step in steps:
                await self._try(self._step(step))
            await self._settle()
            for fate in self._fates.values():
                await self._try(fate)
            for work in (furnish(self._desk, self._view), agreed, report, reckoned):
                await self._try(work)
        finally:
            for task in (*watching, agreed, report, reckoned):
                task.cancel()
        run_id, workbook = _result(report) or (None, None)
        queries = [step.search for step in steps if isinstance(step, day.Search)]
        ended = {name: fate.result() for name, fate in self._fates.items() if fate.done() and not fate.exception()}
        opened = {name: case["id"] for name, case in ended.items() if case}
        return Played(
            self._play, steps, self._lines, self._said, opened, self._read, day.planted(list(steps)), queries,
            self._counts.drill, run_id, workbook, _result(reckoned), self._troubles,
        )  # fmt: skip

    async def _try(self, work: Any) -> None:
        try:
            await work
        except TROUBLE as error:
            if (trouble := str(error) or type(error).__name__) not in self._troubles:
                self._troubles.append(trouble)
                self._view.say(f"异常: {trouble}", "bold red")

    async def _step(self, step: day.AnyStep) -> None:
        match step:
            case day.Say() | day.Broken() | Form() | Call():
                await self._publish(step)
            case day.Do():
                await self._settle()
                await self._act(step)
            case Widespread():
                await self._settle()
                ids = [(await self._fates[name])["id"] for name in step.cases]
                await outage.act(self._desk, self._view, step, ids)
            case day.Until():
                await self._staff.until(step, await self._fates[step.until])
            case day.Search():
                await self._staff.search(step.search)
            case Directory():
                await morning.know(self._desk, self._view, step)
            case OnDuty():
                await morning.begin(self._desk, self._view, step)

    async def _act(self, step: day.Do) -> None:
        case = await self._fates[step.case]
        if step.do == "reveal":
            self._read[step.case] = await self._staff.reveal(step, case, self._said[step.case].message_id)
        else:
            await self._staff.act(step, case, await self._fates[step.into] if step.into else None)

    async def _publish(self, step: day.Spoken) -> None:
        n, key = len(self._lines) + 1, day.name_of(step)
        if isinstance(step, Form | Call):
            line = await doors.hand_in(self._desk, self._play.id, n, step)
        else:
            line = self._play.line(n, step, day.now())
            await self._wire.publish([line])
        self._lines.append(line)
        self._said[key] = line
        self._fates[key] = asyncio.create_task(self._follow(line, key))
        await asyncio.sleep(self._pace_s)

    async def _follow(self, line: Line, key: str) -> Json:
        """Wait until the message is handled and show what was stored of it. Returns its case, {} when it is dead."""
        where = CHANNELS[line.channel]
        if line.expect == "dead":

            async def dead() -> str | None:
                return (await self._wire.dead()).get(line.n)

            reason = await seen(dead, f"消息 {key} 的死信")
            self._view.say(f"{where} 消息 {line.message_id} → 死信: {reason}", "red")
            return {}
        case = await seen(lambda: self._desk.outcome(line.channel, line.message_id), f"消息 {key} 的处理结果")
        if key == "drill":
            self._counts.drill = case["id"]
        text = next((known["text"] for known in case["lines"] if line.message_id in known["message_ids"]), "")
        fate = FATES["resent"] if line.expect == "resent" else FATES[case["outcome"]]
        style = {"case": "green", "duplicate": "dim"}.get(case["outcome"], "")
        self._view.say(
            f"{where} {case['requester_name']} → {fate} {case['number']} 〔{case['category']}〕 {short(text)}", style
        )
        return case

    async def _settle(self) -> None:
        """Everything published so far is handled; who acts, acts on what is known."""
        pending = [task for task in self._fates.values() if not task.done()]
        if pending:
            await asyncio.wait(pending)


def _result(task: asyncio.Task[T]) -> T | None:
    return task.result() if task.done() and not task.cancelled() and task.exception() is None else None
