"""Cases on their way through workflows, for tests: one case, driven by commands as the service's fold takes them."""

from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from chassis.errors import Refused
from chassis.message import Moment
from contracts.case import CaseCommand, Kind
from contracts.casework import SetCaseKind, StepCase
from contracts.envelope import Actor, Command, Event, derive_id
from services.intake.fold import fold
from services.intake.model import Case
from services.intake.workflows.definition import FieldSpec
from services.intake.workflows.engine import WORKFLOWS, follow, step_of
from services.intake.workflows.moves import Move
from tests.chassis.folding import heard
from tests.support.make import NOON, message
from tests.unit.intake.cases import desk, only

WANG = Actor(kind="staff", id="wang")
HOSPITAL = "H62010200123"
VALUES = {
    "text": "已核对", "date": "2026-11-23", "datetime": "2026-11-23T09:30:00+08:00", "number": "1280.50", "count": "12",
    "uuid": "5b0e2c1a-7d34-5f60-8a11-2c9d4e6f7a80",
}  # fmt: skip
PATTERNS = {
    "[0-9]{4}[A-Z]?": "2207", "[0-9]{3}": "310", "[0-9]{1,6}": "11", "[0-9]{6}": "620102",
    "[a-z][a-z0-9_]{0,99}": "settlement_summary", "[0-9a-f]{64}": "ab" * 32,
}  # fmt: skip


class Work:
    """One case and everything that was said about it; a refused command leaves all as it was."""

    def __init__(self, kind: Kind = "consultation") -> None:
        cases = desk()
        cases.hear(message(institution=HOSPITAL))
        self.id, self.case, self.now, self.n = next(iter(cases.states)), only(cases), NOON, 0
        self.said: list[Event | Command] = [*cases.said]
        if kind != self.case.kind:
            self.do(SetCaseKind, kind=kind)

    def do(self, model: type[CaseCommand], **facts: Any) -> list[Event | Command]:
        """What is said when staff give this command a minute later. Raises Refused."""
        self.n, self.now = self.n + 1, self.now + timedelta(minutes=1)
        command = model.model_validate(
            {"id": derive_id("work", self.n), "occurred_at": NOON, "actor": WANG, "case_id": self.id, **facts}
        )
        case, said = fold(self.case, Moment(self.now, heard(command, self.now), self.id, len(self.said)))
        self.case = follow(case, self.now)
        self.said += said
        return list(said)

    def tries(self, model: type[CaseCommand], **facts: Any) -> Refused | None:
        """The refusal, if it is one."""
        try:
            self.do(model, **facts)
        except Refused as refused:
            return refused
        return None

    def step(self, transition: str, **fields: str) -> list[str]:
        """The types of what is said when this step is taken."""
        return [words.type for words in self.do(StepCase, transition=transition, fields=fields)]

    def take(self, move: Move, optional: bool = True) -> list[str]:
        """Take a move with values that are right."""
        specs = (*move.requires, *move.optional) if optional else move.requires
        return self.step(move.name, **{f.field: right(f) for f in specs})


def right(spec: FieldSpec) -> str:
    """A value that the field takes."""
    return spec.choices[0] if spec.choices else PATTERNS[spec.pattern] if spec.pattern else VALUES[spec.type]


def values(spec: FieldSpec) -> st.SearchStrategy[str]:
    """Any value that the field takes."""
    if spec.choices:
        return st.sampled_from(spec.choices)
    if spec.pattern:
        return st.from_regex(spec.pattern, fullmatch=True)
    texts = st.sampled_from(["已核对", "联系人手机13919871234", "患者身份证620102199003071234", "  两侧有空格  "])
    return texts if spec.type == "text" else st.just(VALUES[spec.type])


def agrees(case: Case, now: datetime) -> None:
    """The step exists, and status and who owes are those of the step, or of a wait in it."""
    step = WORKFLOWS[case.kind].step(case.step)
    assert step is not None, case.step
    assert step == step_of(case)
    if case.status == "waiting" and (step.status, step.owes) != ("waiting", case.owes):
        assert case.waiting_for == case.owes
    else:
        assert (case.status, case.owes) == (step.status, step.owes)
        assert case.waiting_for == (step.owes if step.then else None)
    assert case.next_chase_at is None or case.status in ("waiting", "escalated")
    assert case.current == (case.status != "closed")
    assert follow(case, now) is case, "what agrees is left as it is"
