"""Saves many shifts, each by a command of its own, and reports what became of every line."""

import asyncio
from collections import Counter
from collections.abc import Iterable

from litestar.datastructures import State

from contracts.duty import SaveShift, Shift
from services.intake.directory.requests import Any_, Json, stamp
from services.intake.duty.model import shift_record

AT_ONCE = 64


async def save_all(state: State, request: Any_, shifts: Iterable[tuple[int, Shift]]) -> list[Json]:
    """A command for each shift with its line; what became of each."""
    todo, reports = list(shifts), list[Json]()
    for start in range(0, len(todo), AT_ONCE):
        some = todo[start : start + AT_ONCE]
        reports.extend(await asyncio.gather(*(_save(state, request, number, shift) for number, shift in some)))
    return reports


async def _save(state: State, request: Any_, number: int, shift: Shift) -> Json:
    stamped = stamp(request, "shift", shift_record(shift.id))
    reply = await state.service.commands.send(SaveShift.model_validate({**stamped, "shift": shift}))
    facts = {"row": number, "shift": shift.id}
    if reply is None:
        return {**facts, "outcome": "accepted", "reason": "已受理, 结果稍后可查"}
    return {**facts, "outcome": "saved"} if reply.ok else {**facts, "outcome": "refused", "reason": reply.message}


def report(reports: list[Json]) -> Json:
    """Totals by outcome, and every line."""
    reports.sort(key=lambda r: r["row"])
    return {"rows": len(reports), **Counter(r["outcome"] for r in reports), "report": reports}
