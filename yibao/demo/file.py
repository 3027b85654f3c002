"""Plays a file of real messages: every line is published, and every line's whereabouts is told.

One JSON object a line: id, user, title, asked_at, question, reply, replied_at. A line that is something else is
published as it is and comes back as a dead letter with its reason.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict, ValidationError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from yibao.demo.account import counted
from yibao.demo.breakdown import adds_up, breakdown
from yibao.demo.day import encoded
from yibao.demo.desk import CommandRefused, Desk, seen, together
from yibao.demo.line import Fated, Line, fates
from yibao.demo.wire import BATCH, Wire

Json = dict[str, Any]
CHANNEL = "web"
LARGEST = 1_000_000  # what a NATS server takes by default; what is longer is no message of a person
AT_ONCE = 32


class _Told(BaseModel):
    """The fields of a line that the desk needs; numbers may stand for texts."""

    model_config = ConfigDict(coerce_numbers_to_str=True)

    id: str
    user: str
    title: str
    question: str
    reply: str | None = None


class FileLine(NamedTuple):
    """`reply` is what the authority answered, "" where the file has none."""

    line: Line
    reply: str


def read(data: bytes, now: datetime) -> list[FileLine]:
    """Every line of the file, in order."""
    return [_read(n, raw, now) for n, raw in enumerate(data.splitlines(), 1)]


def _read(n: int, raw: bytes, now: datetime) -> FileLine:
    try:
        told = _Told.model_validate_json(raw)
    except ValidationError:
        return FileLine(Line(n, CHANNEL, "", raw[:LARGEST]), "")
    # A path of the HTTP interface cannot carry a slash, and an id has to be asked for by its path.
    id_ = told.id.replace("/", "_")
    message = {
        "message_id": id_,
        "channel": CHANNEL,
        "conversation_id": told.user,
        "sender": {"id": told.user},
        "text": f"{told.title}\n{told.question}",
        # The file's dates are years old: a promise to answer runs from when the desk receives the message.
        "occurred_at": now.isoformat(),
    }
    return FileLine(Line(n, CHANNEL, id_, encoded(message)[:LARGEST]), told.reply or "")


async def play_file(desk: Desk, wire: Wire, path: Path, now: datetime, resolve: int, console: Console) -> Json:
    """Publish, wait, account; `resolve` cases get the file's reply as their resolution."""
    entries = read(path.read_bytes(), now)
    lines = [entry.line for entry in entries]
    with _progress(console) as progress:
        await _publish(wire, lines, _step(progress, "发布", len(lines)))
        dead = await wire.dead()
        told = fates(lines, await _outcomes(desk, lines, dead, progress), dead)
        done = await _resolve(desk, entries, told, resolve, progress)
    counts, cases = counted(told), list({f.case["id"]: f.case for f in told if f.case}.values())
    parts = breakdown(told, cases)
    return {
        "file": path.name,
        "lines": len(lines),
        "messages": counts,
        "dead_reasons": dict(Counter(f.reason for f in told if f.fate == "dead").most_common()),
        "cases": {"total": len(cases), **parts},
        "resolved": done,
        "ok": adds_up(told, cases, counts, parts),
    }


async def _publish(wire: Wire, lines: Sequence[Line], step: Callable[[int], None]) -> None:
    for start in range(0, len(lines), BATCH):
        batch = lines[start : start + BATCH]
        await wire.publish(batch)
        step(len(batch))
    if lines:
        await wire.handled({CHANNEL}, within_s=30.0 + len(lines) / 50)


async def _outcomes(
    desk: Desk, lines: Iterable[Line], dead: Iterable[int], progress: Progress | None
) -> dict[tuple[str, str], Json]:
    buried = set(dead)
    ids = list(dict.fromkeys(x.message_id for x in lines if x.message_id and x.n not in buried))
    step = _step(progress, "核对", len(ids))

    async def one(id_: str) -> Json | None:
        answer = await desk.outcome(CHANNEL, id_)
        step(1)
        return answer

    answers = await together(one, ids, AT_ONCE)
    return {(CHANNEL, id_): answer for id_, answer in zip(ids, answers, strict=True) if answer is not None}


async def _resolve(
    desk: Desk, entries: Sequence[FileLine], told: Sequence[Fated], most: int, progress: Progress | None
) -> Json:
    """Resolve the first `most` open cases that have a reply; the knowledge service tells which became articles."""
    opened = [(f.case, e.reply) for e, f in zip(entries, told, strict=True) if f.fate == "case" and f.case]
    chosen = [(case, reply) for case, reply in opened if reply and case["status"] not in ("resolved", "closed")][:most]
    step = _step(progress, "解决", len(chosen))

    async def one(item: tuple[Json, str]) -> str | None:
        case, reply = item
        try:
            await desk.act(case["id"], "resolve", "wang.fang", {"resolution": reply})
        except CommandRefused:  # somebody was faster
            return None
        await seen(lambda: desk.article(case["number"]), f"工单 {case['number']} 的知识条目", within_s=30.0)
        step(1)
        return str(case["number"])

    numbers = [n for n in await together(one, chosen, AT_ONCE) if n]
    return {"asked": len(chosen), "articles": len(numbers)}


def _progress(console: Console) -> "AbstractContextManager[Progress | None]":
    if not console.is_terminal:
        return nullcontext()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=console)


def _step(progress: Progress | None, name: str, total: int) -> Callable[[int], None]:
    if progress is None:
        return lambda n: None
    task = progress.add_task(name, total=total)
    return lambda n: progress.advance(task, n)
