"""Who asks too often waits; nobody else does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.console.web import pace
from services.console.web.pace import MINUTE_S, Pace


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


@given(per_min=st.integers(1, 50), pauses=st.lists(st.floats(0, 20), max_size=300))
def test_no_time_sees_more_than_its_share_and_a_full_minute(per_min: int, pauses: list[float]) -> None:
    clock = Clock()
    paced = Pace(per_min, clock)
    passed: list[float] = []
    for pause in pauses:
        clock.now += pause
        if not paced.wait_s("a"):
            passed.append(clock.now)
    for first, begun in enumerate(passed):
        for last in range(first, len(passed)):
            assert last - first + 1 <= per_min * (1 + (passed[last] - begun) / MINUTE_S) + 1e-6


@given(per_min=st.integers(1, 50), more=st.integers(1, 50))
def test_a_minute_of_requests_passes_at_once_and_the_next_when_it_is_told(per_min: int, more: int) -> None:
    clock = Clock()
    paced = Pace(per_min, clock)
    assert not any(paced.wait_s("a") for _ in range(per_min))
    waits = [paced.wait_s("a") for _ in range(more)]
    assert len(set(waits)) == 1 and 0 < waits[0] <= MINUTE_S
    assert paced.wait_s("b") == 0
    clock.now += waits[0] + 1e-6
    assert paced.wait_s("a") == 0 and paced.wait_s("a") > 0


def test_without_a_limit_everybody_passes() -> None:
    paced = Pace(0)
    assert not any(paced.wait_s("a") for _ in range(5_000))


def test_who_has_been_quiet_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "_MANY", 100)
    clock = Clock()
    paced = Pace(10, clock)
    for n in range(100):
        paced.wait_s(f"old {n}")
    clock.now += MINUTE_S
    paced.wait_s("new")
    assert list(paced._spent_until) == ["new"]
