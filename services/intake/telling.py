"""A case as its lines tell it: title, findings, category, priority and kind follow from what was said."""

from collections.abc import Sequence
from typing import Any

from msgspec.structs import asdict, replace

from chassis.message import Moment
from contracts.case import Findings
from services.intake.category.categoriser import Categoriser, Verdict, by_rules, judged
from services.intake.duty.choose import Duty
from services.intake.model import Case, Found, Line, number_of
from services.intake.text.findings import NOTHING, find
from services.intake.text.plain import title
from services.intake.workflows.engine import start

_NOTHING = Found()


def told(
    moment: Moment, lines: Sequence[Line], facts: dict[str, Any], institution_code: str | None = None,
    duty: Duty | None = None, judge: Categoriser = by_rules,
) -> tuple[Case, Findings]:  # fmt: skip
    """The new case that these lines open, and what was found in them; `facts` is the rest of the case."""
    text = lines[0].text if len(lines) == 1 else "\n".join(line.text for line in lines)
    found = find(text, institution_code)
    verdict = judge(text, found)
    step, owes = start(verdict.kind)
    last = lines[-1].at if len(lines) == 1 else max(line.at for line in lines)
    if duty is not None:
        facts["assignee"], facts["assigned_because"] = _assigned(duty, verdict, found, facts.get("channel", ""))
    return Case(
        number=number_of(moment.aggregate_id),
        institution_code=found.institution_code,
        title=title(lines[0].text),
        lines=_in_order(lines),
        category=verdict.category,
        category_by=verdict.by,
        confidence=verdict.confidence,
        priority=verdict.priority,
        kind=verdict.kind,
        step=step,
        owes=owes,
        found=_as_state(found),
        opened_at=lines[0].at if len(lines) == 1 else min(line.at for line in lines),
        touched_at=last,
        heard_at=last,
        status="new",
        current=True,
        **facts,
    ), found


def _assigned(duty: Duty, verdict: Verdict, found: Findings, channel: str) -> tuple[str | None, str]:
    chosen = duty.choose(verdict.category, verdict.priority, found.institution_code, verdict.kind, channel)
    return chosen or (None, duty.reason)


def retell(case: Case, lines: Sequence[Line], judge: Categoriser = by_rules) -> Case:
    """The case as these lines tell it; the order in which they arrived leaves no trace. What staff set stays."""
    said = replace(
        case,
        lines=_in_order(lines),
        opened_at=min(line.at for line in lines),
        touched_at=max(case.touched_at, *(line.at for line in lines)),
        heard_at=max((case.heard_at or case.opened_at, *(line.at for line in lines if not line.staff))),
    )
    if (question := said.question) == case.question:
        return said
    found = find(question, case.institution_code)
    verdict = judge(question, found)
    said = judged(said, verdict)
    if case.status == "new" and case.category_by != "staff" and verdict.kind != case.kind:
        step, owes = start(verdict.kind)
        said = replace(said, kind=verdict.kind, step=step, owes=owes)
    return replace(
        said, title=title(said.lines[0].text), found=_as_state(found), institution_code=found.institution_code
    )


def _in_order(lines: Sequence[Line]) -> tuple[Line, ...]:
    return tuple(lines) if len(lines) == 1 else tuple(sorted(lines, key=lambda line: (line.at, line.message_ids)))


def _as_state(found: Findings) -> Found:
    return _NOTHING if found is NOTHING else Found(**found.__dict__)


def findings_of(found: Found) -> Findings:
    """The state's findings as the events carry them."""
    return NOTHING if found == _NOTHING else Findings.model_construct(**asdict(found))
