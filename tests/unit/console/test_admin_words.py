"""Words of the administration: nobody reads a code where there is a word."""

import pytest

from contracts.notify import URGENCY_NAMES
from services.console.pages.admin import words


@pytest.mark.parametrize(
    ("word", "told"),
    [("lead", "组长"), ("desk", "服务台"), ("staff:wang.fang", "wang.fang"), ("experts:结算", "专家: 结算"),
     ("own_group", "own_group"), ("staff:", "staff:")],
)  # fmt: skip
def test_audiences_have_words(word: str, told: str) -> None:
    assert words.audience(word) == told


@pytest.mark.parametrize(("text", "told"), [("30m", "30分钟"), ("1h30m", "1小时30分钟"), ("90s", "90秒")])
def test_promises_are_told_in_hours_and_minutes(text: str, told: str) -> None:
    assert words.lasting(text) == told
    assert words.step(f"+{text}") == f"超时{told}"
    assert words.step("80%") == "80%"


def test_urgencies_and_events_have_words() -> None:
    assert [words.urgency(one) for one in URGENCY_NAMES] == list(URGENCY_NAMES.values())
    assert words.urgency("event.priority") == "按事件而定"
    assert (words.event("case.opened"), words.event("sla.rebound"), words.event("new.one")) == (
        "建立工单",
        "时限调整",
        "new.one",
    )
    assert (words.way("sms"), words.way("pigeon")) == ("短信", "pigeon")
