"""Cases (工单), what was done on them (经办), and trainings (培训), from the CASE stream."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime

from services.stats.operations.facts import ACTS, TYPES, Fact, What, fact_of
from services.stats.operations.told import Known, Row, Told, district, in_order, minutes
from services.stats.operations.trainings import training

_STATES = {
    "opened": "open", "resumed": "open", "reopened": "open", "waiting": "waiting", "escalated": "escalated",
    "resolved": "resolved", "closed": "closed",
}  # fmt: skip


class Cases:
    """Hears events in any order, and twice; the same events give the same rows."""

    def __init__(self) -> None:
        self._facts: dict[str, list[Fact]] = defaultdict(list)
        self._whats: dict[What, What] = {}  # most events tell the same few things: each is kept once

    def hear(self, told: Told) -> None:
        type_ = told.type.removeprefix("case.")
        if type_ in TYPES:
            fact = fact_of(told, type_)
            self._facts[told.case_id].append(fact._replace(what=self._whats.setdefault(fact.what, fact.what)))

    def all(self) -> Iterator[tuple[str, list[Fact]]]:
        """Each case whose beginning is known, with its facts in order, each once."""
        for case_id in sorted(self._facts):
            facts = in_order(self._facts[case_id])
            if facts[0].type == "opened":
                yield case_id, facts

    def known(self) -> dict[str, Known]:
        """What rows of other tables need of a case: its category and its institution."""
        return {
            case_id: Known(known.get("category"), known.get("institution_code"))
            for case_id, known in ((case_id, about(facts)) for case_id, facts in self.all())
        }

    def rows(self) -> Iterator[Row]:
        return (case(case_id, facts) for case_id, facts in self.all())

    def acts(self) -> Iterator[Row]:
        return (row for case_id, facts in self.all() for row in acts(case_id, facts))

    def trainings(self) -> Iterator[Row]:
        for case_id, facts in self.all():
            if about(facts).get("kind") == "training":
                yield training(case_id, facts, about(facts), ended(facts))


def case(case_id: str, facts: Sequence[Fact]) -> Row:
    """A row of desk_case."""
    first, known, types = facts[0], about(facts), [fact.type for fact in facts]
    answered = next((fact.at for fact in facts if fact.type == "responded"), None)
    resolved = resolved_at(facts)
    code = known.get("institution_code")
    return {
        "case_id": case_id, "channel": known.get("channel"), "fixmedins_code": code, "fix_blng_admdvs": district(code),
        "category": known.get("category"), "category_by": known.get("category_by"), "kind": known.get("kind"),
        "priority": known.get("priority"), "engineer": known.get("assignee"), "state": ended(facts),
        "opened_at": first.at, "opened_on": first.at.date(), "responded_at": answered, "resolved_at": resolved,
        "resolved_on": resolved and resolved.date(),
        "closed_at": next((fact.at for fact in reversed(facts) if fact.type == "closed"), None),
        "response_min": answered and minutes(first.at, answered),
        "resolve_min": resolved and minutes(first.at, resolved),
        "message_cnt": 1 + types.count("message_added"), "reply_cnt": types.count("responded"),
        "reopen_cnt": types.count("reopened"), "chase_cnt": types.count("chased"), "visit_cnt": _visits(facts),
        "escalated_to": known.get("to"), "outage_flag": str(int("joined_outage" in types)),
    }  # fmt: skip


def acts(case_id: str, facts: Sequence[Fact]) -> Iterator[Row]:
    """Rows of desk_act: everything that the desk or the requester did."""
    known = about(facts)
    code = known.get("institution_code")
    for fact in facts:
        if fact.type in ACTS:
            what = dict(fact.what)
            yield {
                "case_id": case_id, "version": fact.version, "act": fact.type, "acted_at": fact.at,
                "acted_on": fact.at.date(), "engineer": fact.who, "detail": what.get("via") or what.get("phase"),
                "fixmedins_code": code, "fix_blng_admdvs": district(code), "category": known.get("category"),
            }  # fmt: skip


def about(facts: Sequence[Fact]) -> dict[str, str]:
    """What is known of the case in the end: the last word on each of its attributes."""
    known: dict[str, str] = {}
    for fact in facts:
        known.update(fact.what)
    return known


def ended(facts: Sequence[Fact]) -> str:
    """The state of the case after all facts; `merged` when all of it is in another case now."""
    if any(("merged", "1") in fact.what for fact in facts):
        return "merged"
    return next((_STATES[fact.type] for fact in reversed(facts) if fact.type in _STATES), "open")


def resolved_at(facts: Sequence[Fact]) -> datetime | None:
    """When it was solved for the last time; None while it is open again."""
    last = next((fact for fact in reversed(facts) if fact.type in ("resolved", "reopened")), None)
    return last.at if last is not None and last.type == "resolved" else None


def _visits(facts: Sequence[Fact]) -> int:
    """Visits on site that began: an engineer has arrived."""
    return sum(fact.type == "visited" and ("phase", "arrived") in fact.what for fact in facts)
