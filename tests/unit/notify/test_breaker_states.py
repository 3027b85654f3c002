"""The breaker of a provider: opens after failures in a row, lets one probe through, waits longer each time."""

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from services.notify.providers.breaker import (
    AFTER,
    FIRST_PAUSE_S,
    LONGEST_PAUSE_S,
    Breaker,
    Verdict,
    abandoned,
    asked,
    failed,
    pause_s,
    succeeded,
)


def broken(now: float = 0.0) -> Breaker:
    breaker = Breaker()
    for _ in range(AFTER):
        breaker = failed(breaker, "send", now)
    return breaker


def test_it_opens_after_failures_in_a_row_and_not_before() -> None:
    breaker = Breaker()
    for _ in range(AFTER - 1):
        breaker = failed(breaker, "send", 0.0)
    assert asked(breaker, 0.0)[1] == "send"
    assert asked(failed(breaker, "send", 0.0), 0.0)[1] == "no"


def test_one_answer_between_failures_begins_the_count_anew() -> None:
    breaker = Breaker()
    for _ in range(3 * AFTER):
        breaker = failed(succeeded(breaker, "send"), "send", 0.0)
    assert not breaker.is_open


def test_after_the_pause_one_probe_goes_and_the_others_wait_for_it() -> None:
    breaker, verdict = asked(broken(), FIRST_PAUSE_S)
    assert verdict == "probe"
    assert asked(breaker, FIRST_PAUSE_S + 1_000)[1] == "no"
    assert asked(succeeded(breaker, "probe"), 1_000)[1] == "send"


def test_a_probe_that_was_not_sent_leaves_its_place_to_the_next() -> None:
    breaker, _ = asked(broken(), FIRST_PAUSE_S)
    assert asked(abandoned(breaker, "probe"), FIRST_PAUSE_S)[1] == "probe"


def test_what_was_sent_before_it_opened_neither_closes_nor_prolongs_it() -> None:
    breaker = broken()
    assert succeeded(breaker, "send") == breaker
    assert failed(breaker, "send", 100.0) == breaker
    probing, _ = asked(breaker, FIRST_PAUSE_S)
    assert abandoned(probing, "send") == probing


@given(st.integers(1, 10_000))
def test_pauses_grow_to_the_longest_and_stay_there(openings: int) -> None:
    assert FIRST_PAUSE_S <= pause_s(openings) <= pause_s(openings + 1) <= LONGEST_PAUSE_S


class Providers(RuleBasedStateMachine):
    """Workers in any order: at most one probe is under way, and an open breaker sends nothing before its time."""

    def __init__(self) -> None:
        super().__init__()
        self.breaker, self.now = Breaker(), 0.0
        self.under_way: list[Verdict] = []

    @rule(seconds=st.floats(0, 400))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds

    @rule()
    def a_worker_asks(self) -> None:
        before = self.breaker
        self.breaker, verdict = asked(before, self.now)
        assert verdict != "send" or not before.is_open
        assert verdict != "probe" or (before.is_open and self.now >= before.until and "probe" not in self.under_way)
        if verdict != "no":
            self.under_way.append(verdict)

    @precondition(lambda self: self.under_way)
    @rule(answer=st.sampled_from(["well", "badly", "not at all"]), which=st.integers(0, 1_000))
    def a_worker_is_done(self, answer: str, which: int) -> None:
        verdict = self.under_way.pop(which % len(self.under_way))
        if answer == "well":
            self.breaker = succeeded(self.breaker, verdict)
            assert verdict != "probe" or not self.breaker.is_open
        elif answer == "badly":
            self.breaker = failed(self.breaker, verdict, self.now)
            assert verdict != "probe" or self.breaker.until > self.now
        else:
            self.breaker = abandoned(self.breaker, verdict)

    @invariant()
    def it_probes_exactly_while_a_probe_is_under_way(self) -> None:
        assert self.breaker.probing == ("probe" in self.under_way)

    @invariant()
    def it_cannot_stay_shut_for_ever(self) -> None:
        if not self.breaker.probing:
            assert asked(self.breaker, self.breaker.until)[1] != "no"


TestProviders = Providers.TestCase
