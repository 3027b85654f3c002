"""Silences and subscriptions: which alerts they are about, and from when to when."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.setting import Matcher, Recipient, Silence, Subscription
from services.notify.people.matching import fits
from tests.support.make import NOON
from tests.unit.notify.people import people, setting, unset

TICK = timedelta(microseconds=1)
LABELS = {"rule": "breach", "category": "结算支付", "institution": "H62010200001"}


def matcher(label: str, *values: str, unless: bool = False) -> Matcher:
    return Matcher(label=label, values=values, unless=unless)


def silence(id_: str = "s", *matchers: Matcher, **facts: Any) -> Silence:
    known = {"begins": NOON, "ends": NOON + timedelta(hours=2), "reason": "系统升级"}
    return Silence.model_validate({"id": id_, "matchers": matchers or (matcher("rule", "breach"),), **known, **facts})


@pytest.mark.parametrize(
    ("matchers", "fit"),
    [
        ([matcher("rule", "warning", "breach")], True),
        ([matcher("rule", "warning")], False),
        ([matcher("rule", "breach"), matcher("category", "目录对照")], False),
        ([matcher("category", "结算支付", unless=True)], False),
        ([matcher("category", "目录对照", unless=True)], True),
        ([matcher("clock", "resolution")], False),
        ([matcher("clock", "resolution", unless=True)], True),
    ],
)
def test_all_matchers_have_to_fit(matchers: list[Matcher], fit: bool) -> None:
    assert fits(matchers, LABELS) is fit


def test_a_silence_holds_from_its_begin_until_its_end() -> None:
    picture = people(setting(silence()))
    ends = NOON + timedelta(hours=2)
    assert picture.silenced(LABELS, NOON - TICK) is None
    assert picture.silenced(LABELS, NOON) == silence()
    assert picture.silenced(LABELS, ends - TICK) == silence()
    assert picture.silenced(LABELS, ends) is None
    assert picture.silenced({"rule": "warning"}, NOON) is None


def test_a_silence_that_ends_early_or_is_removed_holds_no_longer() -> None:
    picture = people(setting(silence()), setting(silence(ends=NOON + TICK), version=2))
    assert picture.silenced(LABELS, NOON + TICK) is None
    picture = people(setting(silence()), unset("silence", "s", 2))
    assert picture.silenced(LABELS, NOON) is None


_HOURS = st.integers(0, 20)


@given(st.lists(st.tuples(_HOURS, st.integers(1, 10), st.booleans()), max_size=8), _HOURS)
def test_a_silence_is_found_exactly_when_one_runs_that_fits(rows: list[tuple[int, int, bool]], hour: int) -> None:
    all_ = [
        silence(
            f"s{n}", matcher("rule", "breach" if fitting else "warning"),
            begins=NOON + timedelta(hours=begin), ends=NOON + timedelta(hours=begin + length),
        )
        for n, (begin, length, fitting) in enumerate(rows)
    ]  # fmt: skip
    now = NOON + timedelta(hours=hour)
    running = [s for s in all_ if s.begins <= now < s.ends and fits(s.matchers, LABELS)]
    found = people(*(setting(s) for s in all_)).silenced(LABELS, now)
    assert (found in running) if running else found is None


def wish(key: str, *subscriptions: Subscription) -> Recipient:
    return Recipient(key=key, subscriptions=subscriptions)


def test_a_subscription_wants_what_fits_all_that_it_says() -> None:
    picture = people(
        setting(wish("staff:all", Subscription())),
        setting(wish("staff:rule", Subscription(rules=("breach",)))),
        setting(wish("staff:grave", Subscription(at_least="urgent"))),
        setting(wish("staff:category", Subscription(labels=(matcher("category", "结算支付"),)))),
    )
    assert set(picture.subscribers(LABELS, "high", "breach")) == {"staff:all", "staff:rule", "staff:category"}
    assert set(picture.subscribers({}, "urgent", "warning")) == {"staff:all", "staff:grave"}


def test_somebody_who_wants_it_for_two_reasons_gets_it_once() -> None:
    picture = people(setting(wish("staff:a", Subscription(), Subscription(rules=("breach",)))))
    assert picture.subscribers(LABELS, "low", "breach") == ("staff:a",)


def test_a_subscription_that_was_given_up_wants_nothing() -> None:
    picture = people(setting(wish("staff:a", Subscription())), setting(wish("staff:a"), version=2))
    assert picture.subscribers(LABELS, "urgent", "breach") == ()
