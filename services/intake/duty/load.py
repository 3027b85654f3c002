"""Saves many shifts, each by a command of its own, and reports what became of every line."""

import asyncio
from collections import Counter
from collections.abc import Iterable

from litestar.datastructures import State

from chassis.asking import stamp
from contracts.duty import SaveShift, Shift
from services.intake.directory.cache import Directory
from services.intake.directory.requests import Any_, Json, directory_of
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
    if not reply.ok:
        return {**facts, "outcome": "refused", "reason": reply.message}
    if directory_of(state).staff(shift.engineer) is None:
        return {**facts, "outcome": "saved", "note": f"通讯录里没有工程师 {shift.engineer}: 请核对编号, 或先登记"}
    return {**facts, "outcome": "saved"}


def id_of(directory: Directory, engineer: str) -> str:
    """A roster is kept by names: the id of the one member of staff called so, else what was given."""
    named = [member.id for member in directory.all_staff() if member.name == engineer]
    return named[0] if len(named) == 1 and directory.staff(engineer) is None else engineer


def report(reports: list[Json]) -> Json:
    """Totals by outcome, and every line."""
    reports.sort(key=lambda r: r["row"])
    return {"rows": len(reports), **Counter(r["outcome"] for r in reports), "report": reports}
