"""Whatever bytes a stranger sends, a reader gives something, nothing, or the one error that names what to correct."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.fuzz import damaged, fuzz, outcome_of
from bench.fuzz_targets import TARGETS, Target

FUZZ = settings(max_examples=60, deadline=None)
every = pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)


@every
def test_most_sound_samples_are_understood(target: Target) -> None:
    outcomes = [outcome_of(target, sample) for sample in target.samples]
    assert not any(outcome.startswith("!") for outcome in outcomes)
    assert not all(outcome.startswith("unfit") for outcome in outcomes)


@every
@FUZZ
@given(r=st.randoms(use_true_random=False))
def test_a_damaged_sample_never_makes_a_reader_fail(target: Target, r: random.Random) -> None:
    assert not outcome_of(target, damaged(r, target)).startswith("!")


@every
@FUZZ
@given(data=st.binary(max_size=300), text=st.text(st.characters(codec=None), max_size=80))
def test_neither_do_any_bytes_nor_any_text(target: Target, data: bytes, text: str) -> None:
    for raw in (data, text.encode("utf-8", "surrogatepass")):
        outcome = outcome_of(target, raw)
        assert not outcome.startswith("!")
        assert not outcome.startswith("unfit") or not outcome.removeprefix("unfit: ").isascii(), "staff read it"


def test_a_run_with_the_same_seed_is_the_same_run() -> None:
    [first, _], _ = fuzz(TARGETS[0], 200, 7)
    [again, _], _ = fuzz(TARGETS[0], 200, 7)
    assert first.value == again.value == 0
    assert first.beside.split(",")[:2] == again.beside.split(",")[:2]


def test_a_crash_is_counted_and_its_input_is_kept() -> None:
    def fails(data: bytes) -> str:
        raise KeyError("x")

    [crashes, _], inputs = fuzz(Target("broken", fails, (b"x",)), 10, 7)
    assert (crashes.value, crashes.holds, list(inputs)) == (10, False, ["!KeyError: 'x'"])
