"""A rule that only looks right is not saved: it would be silent when it counts."""

from typing import Any

import pytest
from pydantic import ValidationError

from contracts.registry import EVENTS
from contracts.setting import AlertRule, Matcher, Recipient
from services.notify.rules import rulebook as rulebook_module
from services.notify.rules.loading import rulebook
from services.notify.rules.problems import problems_of
from services.notify.rules.rulebook import Compiled
from services.notify.rules.sense import HEARD, LABELS, of_matchers
from services.notify.settings import NotifySettings
from tests.unit.notify.alert_examples import EXAMPLES


def rule(**facts: Any) -> AlertRule:
    return AlertRule.model_validate({"name": "mine", "on": "sla.breached", "to": ("desk",), "title": "t", **facts})


def steps(*minutes: float) -> list[dict[str, Any]]:
    return [{"after_min": m, "to": ["lead"]} for m in minutes]


@pytest.mark.parametrize("type_", ["case.resolved", "sla.acknowledged", "notify.queued", "directory.saved"])
def test_an_event_that_notify_does_not_hear_makes_no_rule(type_: str) -> None:
    assert type_ in EVENTS
    [told] = problems_of(rule(on=type_))
    assert "永远不会触发" in told and "sla.breached" in told


def test_a_rule_without_an_event_is_for_notices() -> None:
    assert problems_of(rule(on="")) == []


@pytest.mark.parametrize(("group", "fault"), [
    (["case_id"], False), (["number", "clock"], False), (["due_at"], False), (["clock", "cycle"], True),
    (["assignee"], True), (["threshold"], True),
])  # fmt: skip
def test_a_group_tells_one_matter_from_another(group: list[str], fault: bool) -> None:
    told = [p for p in problems_of(rule(group=group)) if p.startswith("group: ")]
    assert bool(told) is fault
    assert not fault or "case_id" in told[0]


@pytest.mark.parametrize(("facts", "told"), [
    ({"steps": steps(5, 10)}, ""),
    ({"steps": steps(10, 5)}, ""),
    ({"steps": steps(5, 10, 5)}, "不止一步在 5 分钟"),
    ({"steps": steps(5, 119), "expires_h": 2}, ""),
    ({"steps": steps(5, 120), "expires_h": 2}, "大于 2"),
    ({"steps": steps(30), "repeat": 3, "expires_h": 2}, "最后一次上报在 120 分钟后"),
    ({"steps": steps(30), "repeat": 2, "expires_h": 2}, ""),
    ({"expires_h": 0.01, "repeat": 100}, ""),
])  # fmt: skip
def test_everybody_is_called_one_after_the_other_and_before_it_is_over(facts: dict[str, Any], told: str) -> None:
    problems = problems_of(rule(**facts))
    assert (told in problems[0] and len(problems) == 1) if told else problems == []


@pytest.mark.parametrize(("facts", "fault"), [
    ({"inhibits": ["mine"]}, True),
    ({"alert": "shared", "inhibits": ["shared"]}, True),
    ({"alert": "shared", "inhibits": ["mine"]}, False),
    ({"inhibits": ["warning"]}, False),
])  # fmt: skip
def test_a_rule_does_not_inhibit_its_own_alert(facts: dict[str, Any], fault: bool) -> None:
    assert any("抑制自己" in p for p in problems_of(rule(group=["case_id"], **facts))) is fault


def test_labels_that_no_alert_has_are_told_with_those_that_there_are() -> None:
    matchers = [Matcher(label=label, values=("x",)) for label in ("category", "catgory", "rule", "catgory")]
    [told] = of_matchers(matchers)
    assert "没有叫 catgory 的标签" in told and "institution" in told
    assert list(of_matchers(matchers[:1])) == []


def test_every_label_that_an_alert_of_a_rule_has_is_known() -> None:
    book = rulebook()
    found = {label for example in EXAMPLES for one in book.matching(example[0]) for label in one.labels(example[0])}
    assert {"rule", "urgency", "number", "outage", "clock"} <= found <= set(LABELS)
    assert {one.on for one in book.rules() if one.on} <= set(HEARD)


def test_only_what_has_changed_is_compiled_again(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []

    class Counting(Compiled):
        def __init__(self, one: AlertRule, *rest: Any) -> None:
            made.append(one.title)
            super().__init__(one, *rest)

    book = rulebook()
    monkeypatch.setattr(rulebook_module, "Compiled", Counting)
    first, second = rule(name="a", title="1"), rule(name="b", title="2")
    before = book.with_rules([first, second])
    after = book.with_rules([first.model_copy(), rule(name="b", title="3")])
    assert made == ["1", "2", "3"]
    assert after.named("a") is before.named("a")
    kept, changed = before.named("b"), after.named("b")
    assert kept and changed and (kept.rule.title, changed.rule.title) == ("2", "3"), "the old book says what it said"
    assert book.with_rules([second]).named("a") is None


@pytest.mark.parametrize("at_most", [0, 1, 2])
def test_a_limit_leaves_room_for_more_than_its_digests(at_most: int) -> None:
    with pytest.raises(ValidationError):
        Recipient(key="desk", at_most=at_most)
    with pytest.raises(ValidationError):
        NotifySettings(notify_limit=at_most)
    assert (Recipient(key="desk", at_most=3).at_most, NotifySettings(notify_limit=3).notify_limit) == (3, 3)
