"""Who is there, from the shifts that were said."""

from datetime import timedelta
from typing import TypeVar

from hypothesis import given
from hypothesis import strategies as st

from contracts.duty import DutyRemoved, DutySaved, Shift
from contracts.envelope import SYSTEM, derive_id
from services.intake.duty.roster import Roster
from services.intake.duty.rules import load_rules
from tests.support.make import NOON

RULES = load_rules()
E = TypeVar("E", DutySaved, DutyRemoved)


def saved(id_: str, engineer: str, kind: str, begins_h: float, ends_h: float, version: int = 1) -> DutySaved:
    hours = {"begins": NOON + timedelta(hours=begins_h), "ends": NOON + timedelta(hours=ends_h)}
    shift = Shift.model_validate({"id": id_, "engineer": engineer, "kind": kind, **hours})
    return _event(DutySaved, id_, version, shift=shift)


def _event(model: type[E], id_: str, version: int, **facts: object) -> E:
    id_ = str(derive_id(id_, version))
    stamp = {"id": id_, "cause_id": id_, "correlation_id": id_, "occurred_at": NOON, "recorded_at": NOON}
    return model.model_validate({**stamp, "version": version, "actor": SYSTEM, **facts})


def _roster(*events: DutySaved | DutyRemoved) -> Roster:
    roster = Roster(lambda id_: None, RULES)
    for event in events:
        roster.hear(event)
    return roster


def test_a_leave_outweighs_a_duty_and_lunch_is_covered() -> None:
    roster = _roster(
        saved("1", "li", "duty", -4, 5), saved("2", "wang", "duty", -4, 5), saved("3", "ma", "leave", -4, 5),
        saved("4", "ma", "duty", -4, 5), saved("5", "wang", "lunch_cover", 0, 1),
    )  # fmt: skip
    before, during = roster.present(NOON - timedelta(minutes=1)), roster.present(NOON)
    assert (before.available, before.away) == (("li", "wang"), ("ma",))
    assert (during.available, during.at_lunch) == (("wang",), ("li",))
    found = roster.snapshot(NOON).choose("目录", "normal", None)
    assert found is not None and found[0] == "wang" and found[1].startswith("午间由值守人员接")
    assert roster.present(NOON + timedelta(hours=1)).available == ("li", "wang")
    assert roster.present(NOON + timedelta(hours=5)).available == ()


def test_a_shift_that_was_changed_or_removed_counts_as_it_is_now() -> None:
    first, removed = saved("1", "li", "duty", -4, 5), _event(DutyRemoved, "1", 2, shift_id="1")
    roster = _roster(first, removed, first)
    assert roster.present(NOON).available == ()
    roster.hear(saved("1", "wang", "duty", -4, 5, version=3))
    assert roster.present(NOON).available == ("wang",)


_shifts = st.lists(
    st.tuples(
        st.sampled_from(["li", "wang", "ma"]),
        st.sampled_from(["duty", "lunch_cover", "leave"]),
        st.integers(-9, 8),
        st.integers(1, 9),
    ),
    max_size=8,
)


@given(_shifts, st.lists(st.integers(-10, 18), min_size=1, max_size=6))
def test_nobody_on_leave_is_ever_chosen_whenever_it_is_asked(
    shifts: list[tuple[str, str, int, int]], hours: list[int]
) -> None:
    roster = _roster(*(saved(str(n), e, kind, at, at + long) for n, (e, kind, at, long) in enumerate(shifts)))
    for hour in sorted(hours):
        now = NOON + timedelta(hours=hour)
        doing = {(e, kind) for e, kind, at, long in shifts if at <= hour < at + long}
        there = {e for e, kind in doing if kind != "leave" and (e, "leave") not in doing}
        found = roster.snapshot(now).choose("目录", "normal", None)
        assert (found is None) == (not there)
        assert found is None or found[0] in there
