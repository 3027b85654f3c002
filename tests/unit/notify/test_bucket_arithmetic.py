"""The limit of a provider: no window of time ever sees more messages than its burst and its rate allow."""

from bisect import bisect_right

from hypothesis import given
from hypothesis import strategies as st

from services.notify.providers.gcra import GRAIN_MS, Pace, pace_of, pushed, refunded, taken, wait_of

START = 1_795_000_000_000.0
paces = st.tuples(st.integers(1, 200), st.sampled_from([1, 10, 60, 600]), st.integers(1, 50))
gaps = st.lists(st.integers(0, 5_000), min_size=1, max_size=150)


def asked(pace: Pace, gaps: list[int]) -> list[float]:
    """When messages went, of somebody who asks after each of `gaps` ms."""
    tat, now, went = 0.0, START, []
    for gap in gaps:
        now += gap
        tat, wait = taken(tat, now, pace)
        if not wait:
            went.append(now)
    return went


def most_in_any_window(went: list[float], width: float) -> int:
    return max((bisect_right(went, at + width) - n for n, at in enumerate(went)), default=0)


@given(paces, gaps, st.integers(0, 60_000))
def test_no_window_sees_more_than_the_burst_and_its_share_of_the_rate(
    limit: tuple[int, int, int], gaps: list[int], width: int
) -> None:
    rate, per_s, burst = limit
    went = asked(pace_of(rate, per_s, burst), gaps)
    assert most_in_any_window(went, width) <= burst + rate * (width / 1_000) / per_s + 0.01


@given(paces)
def test_after_the_wait_that_was_named_there_is_a_token_and_not_before(limit: tuple[int, int, int]) -> None:
    rate, per_s, burst = limit
    pace, tat, now = pace_of(rate, per_s, burst), 0.0, START
    for _ in range(burst):
        tat, wait = taken(tat, now, pace)
        assert wait == 0
    tat, wait = taken(tat, now, pace)
    assert 0 < wait <= pace.interval_ms + GRAIN_MS
    assert wait_of(tat, now + wait, pace) == 0
    assert wait_of(tat, now + wait - 0.1, pace) > 0


@given(paces, st.floats(0, 600_000), gaps)
def test_nothing_goes_while_the_provider_wants_a_pause_and_then_one_at_a_time(
    limit: tuple[int, int, int], after_ms: float, gaps: list[int]
) -> None:
    pace, now = pace_of(*limit), START
    tat, went = pushed(0.0, now, after_ms, pace), []
    for gap in gaps:
        now += gap
        tat, wait = taken(tat, now, pace)
        if not wait:
            went.append(now)
    assert all(at >= START + after_ms - 0.1 for at in went)
    assert len(went) <= 1 + max(0.0, now - START - after_ms) / pace.interval_ms + 0.01


@given(
    paces, st.lists(st.tuples(st.integers(0, 5_000), st.booleans()), min_size=1, max_size=150), st.integers(0, 60_000)
)
def test_tokens_that_are_given_back_never_let_more_through(
    limit: tuple[int, int, int], steps: list[tuple[int, bool]], width: int
) -> None:
    rate, per_s, burst = limit
    pace, tat, now, went = pace_of(rate, per_s, burst), 0.0, START, []
    for gap, given_back in steps:
        now += gap
        tat, wait = taken(tat, now, pace)
        if wait:
            continue
        if given_back:
            tat = refunded(tat, 0.0, pace)
        else:
            went.append(now)
    assert most_in_any_window(went, width) <= burst + rate * (width / 1_000) / per_s + 0.01


@given(paces, st.integers(0, 100))
def test_a_refund_does_not_give_away_the_pause_that_the_provider_wants(
    limit: tuple[int, int, int], refunds: int
) -> None:
    pace = pace_of(*limit)
    floor = START + 30_000
    tat = pushed(0.0, START, 30_000, pace)
    for _ in range(refunds):
        tat = refunded(tat, floor, pace)
    assert wait_of(tat, START, pace) >= 30_000 - 0.1
