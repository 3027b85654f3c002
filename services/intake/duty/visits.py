"""Visits on site (现场服务): planned, departed, arrived, left; each engineer on a case goes through them in order.

A visit may begin without a plan. Travel is from departure to arrival, work on site from arrival to leaving. A note
that is given on arrival is what was said to the requester there: it counts as an answer.
"""

from collections.abc import Iterable
from typing import Final

import msgspec
from msgspec.structs import replace

from chassis.errors import Refused
from chassis.message import Moment
from chassis.personal.masking import mask
from contracts.case import CaseCommand
from contracts.casework import CaseVisited, Phase, VisitCase
from contracts.envelope import Event
from services.intake.desk import Handler, about, answer
from services.intake.model import Case, Visited
from services.intake.opening import Folded

MAX_VISITED = 400
_NEXT: Final[dict[Phase | None, tuple[Phase, ...]]] = {
    None: ("planned", "departed"),
    "planned": ("departed",),
    "departed": ("arrived",),
    "arrived": ("left",),
    "left": ("planned", "departed"),
}
_NAMES: Final[dict[Phase, str]] = {"planned": "计划上门", "departed": "出发", "arrived": "到达", "left": "离开"}


class Visit(msgspec.Struct, frozen=True):
    """One visit as a whole; times are ISO 8601, minutes are None until both ends are known."""

    engineer: str
    place: str = ""
    planned_at: str | None = None
    departed_at: str | None = None
    arrived_at: str | None = None
    left_at: str | None = None
    travel_minutes: int | None = None
    onsite_minutes: int | None = None


def _visit(case: Case, moment: Moment, command: VisitCase) -> Folded:
    last = _last(case, command.engineer)
    before = last.phase if last else None
    if command.phase not in _NEXT[before]:
        raise Refused("visit_order", _out_of_order(command, before))
    if len(case.visits) >= MAX_VISITED:
        raise Refused("too_many_visits", "此工单的上门记录已满: 请另建工单继续登记")
    same = last is not None and before != "left"
    place = mask(command.place) or (last.place if last and same else "")
    note = mask(command.note)
    facts = {"engineer": command.engineer, "phase": command.phase, "place": place, "note": note}
    said: list[Event] = [moment.event(CaseVisited, **facts, **about(case, moment))]
    case = replace(case, visits=(*case.visits, Visited(moment.now, command.engineer, command.phase, place, note)))
    if command.phase == "arrived" and command.note.strip():
        case, more = answer(case, moment, command.note, "onsite")
        return case, [*said, *more]
    return case, said


def _last(case: Case, engineer: str) -> Visited | None:
    return next((v for v in reversed(case.visits) if v.engineer == engineer), None)


def _out_of_order(command: VisitCase, before: Phase | None) -> str:
    stands = f"上一步是“{_NAMES[before]}”" if before else "还没有上门记录"
    expected = "或".join(f"“{_NAMES[phase]}”" for phase in _NEXT[before])
    return f"{command.engineer} {stands}, 不能登记“{_NAMES[command.phase]}”: 请先登记{expected}"


def visits_of(stages: Iterable[Visited]) -> list[Visit]:
    """The stages of a case put together to visits, in the order in which they began."""
    visits: list[Visit] = []
    current: dict[str, int] = {}
    since: dict[str, Visited] = {}
    for stage in stages:
        if stage.engineer not in current:
            current[stage.engineer] = len(visits)
            visits.append(Visit(stage.engineer))
        place = current[stage.engineer]
        visits[place] = _reached(visits[place], stage, since.get(stage.engineer))
        since[stage.engineer] = stage
        if stage.phase == "left":
            del current[stage.engineer]
    return visits


def _reached(visit: Visit, stage: Visited, before: Visited | None) -> Visit:
    visit = replace(visit, place=stage.place or visit.place, **{f"{stage.phase}_at": stage.at.isoformat()})
    minutes = round((stage.at - before.at).total_seconds() / 60) if before else None
    match stage.phase:
        case "arrived":
            return replace(visit, travel_minutes=minutes)
        case "left":
            return replace(visit, onsite_minutes=minutes)
    return visit


HANDLERS: dict[type[CaseCommand], Handler] = {VisitCase: _visit}
