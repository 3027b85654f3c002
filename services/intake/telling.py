"""A case as its lines tell it: title, findings, category and priority follow from what was said."""

from collections.abc import Sequence
from typing import Any

from msgspec.structs import asdict, replace

from chassis.message import Moment
from contracts.case import Findings
from services.intake.category.rules import categorise
from services.intake.model import Case, Found, Line, number_of
from services.intake.text.findings import find
from services.intake.text.plain import title

_NOTHING_FINDINGS, _NOTHING_FOUND = Findings(), Found()


def told(moment: Moment, lines: Sequence[Line], institution_code: str | None, duty: Any = None, **facts: Any) -> Case:
    """The new case that these lines open."""
    text = "\n".join(line.text for line in lines)
    found = find(text, institution_code)
    category, priority = categorise(text, found)
    assigned = duty.choose(category, priority, found.institution_code, "consultation") if duty else None
    ats = [line.at for line in lines]
    return Case(
        number=number_of(moment.aggregate_id),
        institution_code=found.institution_code,
        title=title(lines[0].text),
        lines=_in_order(lines),
        category=category,
        priority=priority,
        found=_as_state(found),
        opened_at=min(ats),
        touched_at=max(ats),
        heard_at=max(ats),
        assignee=assigned[0] if assigned else None,
        assigned_because=assigned[1] if assigned else "",
        **{"status": "new", "current": True, **facts},
    )


def retell(case: Case, lines: Sequence[Line]) -> Case:
    """The case as these lines tell it; the order in which they arrived leaves no trace. What staff set stays."""
    said = replace(
        case,
        lines=_in_order(lines),
        opened_at=min(line.at for line in lines),
        touched_at=max(case.touched_at, *(line.at for line in lines)),
        heard_at=max((line.at for line in lines if not line.staff), default=case.heard_at),
    )
    if (question := said.question) == case.question:
        return said
    found = find(question, case.institution_code)
    category, priority = categorise(question, found)
    return replace(
        said,
        title=title(said.lines[0].text),
        category=case.category if case.category_by == "staff" else category,
        priority=case.priority if case.priority_by == "staff" else priority,
        found=_as_state(found),
        institution_code=found.institution_code,
    )


def _in_order(lines: Sequence[Line]) -> tuple[Line, ...]:
    return tuple(sorted(lines, key=lambda line: (line.at, line.message_ids)))


def _as_state(found: Findings) -> Found:
    return _NOTHING_FOUND if found == _NOTHING_FINDINGS else Found(**dict(found))


def findings_of(found: Found) -> Findings:
    """The state's findings as the events carry them."""
    return _NOTHING_FINDINGS if found == _NOTHING_FOUND else Findings.model_construct(**asdict(found))
