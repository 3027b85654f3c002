"""Any way through any workflow: the case is always at a step and agrees with it; what is not open is refused."""

from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.case import (
    AssignCase,
    CaseCommand,
    CloseCase,
    EscalateCase,
    Kind,
    PutCaseOnWait,
    ReopenCase,
    ResolveCase,
    RespondToCase,
    WaitingFor,
)
from contracts.casework import ChaseCase, SetCaseKind, StepCase
from contracts.envelope import Command, Event
from services.intake.workflows.engine import WORKFLOWS
from services.intake.workflows.moves import moves
from tests.unit.intake.workflows import Work, agrees, values

KINDS = st.sampled_from(list(WORKFLOWS))
COMMANDS: list[tuple[type[CaseCommand], dict[str, Any]]] = [
    (AssignCase, {"assignee": "wang"}),
    (RespondToCase, {"text": "请重新签到"}),
    *((PutCaseOnWait, {"waiting_for": who, "reason": "等回复"}) for who in get_args(WaitingFor)),
    (EscalateCase, {"to": "province", "reason": "超时", "external_number": "P-1"}),
    (EscalateCase, {"to": "vendor", "reason": "超时"}),
    (ResolveCase, {"resolution": "重新签到"}),
    (CloseCase, {"reason": "重复工单"}),
    (ReopenCase, {"reason": "又出现了"}),
    (ChaseCase, {"note": "电话催办"}),
]  # fmt: skip


def versions(said: list[Event | Command]) -> list[int]:
    return [words.version for words in said if isinstance(words, Event)]


@settings(max_examples=60, deadline=None)
@given(KINDS, st.data())
def test_whatever_is_done_the_case_is_at_a_step_and_agrees_with_it(kind: Kind, data: st.DataObject) -> None:
    work = Work(kind)
    for _ in range(data.draw(st.integers(1, 12))):
        before, said = work.case, len(work.said)
        if data.draw(st.integers(0, 2)) and (open_ := [m for m in moves(work.case) if not m.blocked]):
            move = data.draw(st.sampled_from(open_))
            work.step(move.name, **{f.field: data.draw(values(f)) for f in move.requires})
            assert work.case.step == move.to
            assert move.name == "record_number" or (work.case.status, work.case.owes) == (move.status, move.owes)
        else:
            wish = data.draw(st.sampled_from([*COMMANDS, (SetCaseKind, {"kind": data.draw(KINDS)})]))
            if work.tries(wish[0], **wish[1]):
                assert (work.case, len(work.said)) == (before, said), "a refusal changes nothing"
        agrees(work.case, work.now)
    assert versions(work.said) == sorted(set(versions(work.said)))
    written = " ".join((*work.case.fields.values(), *(words.model_dump_json() for words in work.said)))
    assert "13919871234" not in written
    assert "620102199003071234" not in written


@settings(max_examples=60, deadline=None)
@given(KINDS, st.data())
def test_a_move_that_is_not_open_is_refused_with_those_that_are(kind: Kind, data: st.DataObject) -> None:
    work = Work(kind)
    for _ in range(data.draw(st.integers(0, 5))):
        if open_ := [m for m in moves(work.case) if not m.blocked]:
            work.take(data.draw(st.sampled_from(open_)))
    if work.case.status == "closed":
        return
    here = {m.name for m in moves(work.case)}
    names = sorted({t.name for flow in WORKFLOWS.values() for t in flow.transitions} - here)
    before = work.case
    refused = work.tries(StepCase, transition=data.draw(st.sampled_from(names)), fields={"resolution": "好了"})
    assert refused is not None
    assert refused.code == "illegal_step"
    assert all(f"{m.label} ({m.name}" in str(refused) for m in moves(before))
    assert all(f"{f.label}[{f.field}]" in str(refused) for m in moves(before) for f in m.requires)
    assert work.case == before


@pytest.mark.parametrize("kind", WORKFLOWS)
def test_every_step_of_a_workflow_can_be_reached_by_doing_its_moves(kind: Kind) -> None:
    first = Work(kind)
    first.do(AssignCase, assignee="wang")
    fresh = Work(kind)
    seen, rest = {fresh.case.step: fresh, first.case.step: first}, [fresh, first]
    while rest:
        work = rest.pop()
        for move in moves(work.case):
            if move.blocked:
                continue
            again = Work(kind)
            again.case, again.said, again.now, again.n = work.case, [*work.said], work.now, work.n
            again.take(move)
            if again.case.step not in seen:
                seen[again.case.step] = again
                rest.append(again)
    by_commands = {Work(kind).case.step}
    for command in COMMANDS:
        work = Work(kind)
        work.tries(command[0], **command[1])
        by_commands.add(work.case.step)
    assert set(seen) | by_commands == {s.id for s in WORKFLOWS[kind].steps}
