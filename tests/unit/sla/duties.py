"""One duty with two institutions as the planner wishes it and as staff talk about it, by hours after noon."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from contracts.envelope import SYSTEM, Actor, derive_id
from contracts.obligation import (
    ItemProgress,
    ObligationCommand,
    ObligationDue,
    ObligationItem,
    ObligationPlan,
    ObligationStep,
    OpenObligation,
    ReportObligationProgress,
)
from services.sla.obligations.fold import fold
from services.sla.obligations.model import Occurrence
from tests.chassis.folding import Folder
from tests.support.make import NOON

DUTY = UUID(int=11)
A, B, C = "H62010290002", "H62010290004", "H62010390006"
NAMES = {A: "市二院", B: "市四院", C: "县医院"}


def at(hours: float) -> datetime:
    return NOON + timedelta(hours=hours)


def steps(due: float) -> tuple[ObligationStep, ...]:
    """The day's notice at 2, a reminder at 4, the deadline, an escalation two hours after it."""
    rows: list[tuple[str, float, tuple[Any, ...], int]] = [
        ("daily", 2, ("resident",), 2), ("-1d", 4, ("resident", "lead"), 1), ("due", due, ("resident", "lead"), 0),
        ("+1d", due + 2, ("lead", "contact"), -1),
    ]  # fmt: skip
    return tuple(ObligationStep(label=name, at=at(hours), tell=tell, left=left) for name, hours, tell, left in rows)


def plan(*keys: str, due: float = 8, **more: Any) -> ObligationPlan:
    facts: dict[str, Any] = {
        "definition": "lists", "title": "结算清单上传", "todo": "t", "each": "institution", "holder": "c", "period":
        "2026-10", "opens_at": at(0), "due_at": at(due), "steps": steps(due), "calendar": "desk@1", "edition": "1",
        "items": tuple(ObligationItem(key=key, name=NAMES[key]) for key in keys or (A, B)), "by_progress": True,
    }  # fmt: skip
    return ObligationPlan(**{**facts, **more})


def wish(type_: type[ObligationCommand], hours: float, n: int = 0, who: str = "wang", **facts: Any) -> Any:
    name = type_.model_fields["type"].default
    actor = SYSTEM if type_ is OpenObligation else Actor(kind="staff", id=who)
    id_ = derive_id(name, hours, n, who, repr(sorted(facts)))
    return type_(id=id_, type=name, occurred_at=at(hours), actor=actor, obligation_id=DUTY, **facts)


def opening(hours: float = 0, *keys: str, **more: Any) -> Any:
    return wish(OpenObligation, hours, plan=plan(*keys, **more))


def progress(hours: float, n: int = 0, **reports: tuple[int, int]) -> Any:
    """Keys are a, b: `progress(1, a=(3, 4))`."""
    return reported(hours, reports, n)


def reported(hours: float, reports: dict[str, tuple[int, int]], n: int = 0) -> Any:
    keys = {"a": A, "b": B}
    items = tuple(ItemProgress(key=keys[key], done=done, of=of) for key, (done, of) in reports.items())
    return wish(ReportObligationProgress, hours, n, items=items)


def due(hours: float) -> ObligationDue:
    return ObligationDue(obligation_id=DUTY, threshold="due", at=at(hours))


def desk() -> Folder[Occurrence]:
    return Folder(fold, lambda _, message: message.body.obligation_id)  # type: ignore[attr-defined]


def opened(**more: Any) -> Folder[Occurrence]:
    folder = desk()
    folder.hear(opening(**more))
    return folder


def said(folder: Folder[Occurrence]) -> list[str]:
    return [event.type.removeprefix("obligation.") for event in folder.said]
