"""Rules that people save: they stand in for those that come along, and their mistakes are told, not suffered."""

from pathlib import Path
from typing import Any

import pytest

from chassis.errors import CannotStart
from contracts.case import CaseAssigned, CaseOpened
from contracts.outage import OutageSuggested
from contracts.setting import AlertRule, Step
from services.notify.rules.loading import rulebook, rules
from services.notify.rules.preview import preview
from services.notify.rules.problems import problems_of
from services.notify.rules.rulebook import Compiled, Rulebook
from tests.unit.notify.alert_examples import ABOUT_CASE, OPENED, SUGGESTED, event

OPENED_EVENT = event(CaseOpened, **OPENED, institution_code="H62010200123")


def rule(**facts: Any) -> AlertRule:
    return AlertRule.model_validate({"name": "mine", "on": "case.opened", "to": ("desk",), "title": "t", **facts})


def one(complaints: list[tuple[str, str, str]] | None = None, **facts: Any) -> Compiled:
    heard = [] if complaints is None else complaints
    [compiled] = Rulebook([rule(**facts)], lambda *told: heard.append(told)).matching(OPENED_EVENT)
    return compiled


def test_a_saved_rule_stands_in_for_the_one_of_its_name_and_the_old_book_stays_as_it_was() -> None:
    book = rulebook()
    mine = book.with_rules([rule(name="new_case", title="来了 {{ event.number }}"), rule(name="second")])
    assert [c.title(OPENED_EVENT) for c in mine.matching(OPENED_EVENT)] == ["来了 YB-1", "t"]
    assert [c.rule.name for c in book.matching(OPENED_EVENT)] == ["new_case"]
    assert len(mine.rules()) == len(book.rules()) + 1


def test_a_rule_that_is_switched_off_makes_no_alert_and_is_still_known() -> None:
    book = rulebook().with_rules([rule(name="new_case", enabled=False)])
    assert book.matching(OPENED_EVENT) == ()
    assert book.named("new_case") is not None and book.named("nothing") is None


def test_a_rule_tells_only_of_events_for_which_its_condition_holds() -> None:
    assert one(when="event.priority == 'urgent' and event.category in ('结算支付',)").wanted(OPENED_EVENT)
    assert not one(when="event.priority == 'low'").wanted(OPENED_EVENT)


@pytest.mark.parametrize(("to", "audiences"), [
    (("assignee",), ("desk",)),
    (("experts", "institution", "contract"),
     ("experts:结算支付", "institution:H62010200123", "contract:H62010200123")),
    (("staff:li", "night-shift", "staff:li"), ("staff:li", "night-shift")),
    (("requester",), ("desk",)),
])  # fmt: skip
def test_audiences_are_made_of_the_event(to: tuple[str, ...], audiences: tuple[str, ...]) -> None:
    assert one(to=to).audiences(OPENED_EVENT) == audiences


def test_where_an_audience_comes_to_nobody_the_desk_is_told() -> None:
    assigned = event(CaseAssigned, **ABOUT_CASE, assignee="wang")
    [compiled] = Rulebook([rule(on="case.assigned", to=("institution", "experts"))]).matching(assigned)
    assert compiled.audiences(assigned) == ("desk",)


def test_an_outage_tells_each_of_its_institutions_and_each_step_is_made_of_the_event_too() -> None:
    suggested = event(OutageSuggested, **SUGGESTED)
    steps = (Step(after_min=5, to=("institution",)),)
    [compiled] = Rulebook([rule(on="outage.suggested", to=("institution",), steps=steps)]).matching(suggested)
    assert compiled.audiences(suggested) == ("institution:H1", "institution:H2", "institution:H3")
    assert compiled.step(1, suggested) == compiled.audiences(suggested)


def test_labels_are_those_that_the_event_has() -> None:
    assert one(urgency="event.priority").labels(OPENED_EVENT) == {
        "rule": "mine", "urgency": "urgent", "category": "结算支付", "institution": "H62010200123",
        "priority": "urgent", "number": "YB-1", "channel": "wechat", "kind": "consultation",
    }  # fmt: skip


@pytest.mark.parametrize(("part", "source", "kind"), [
    ("title", "{{ event.nothing }}", "UndefinedError"),
    ("title", "{{ 1 / 0 }}", "ZeroDivisionError"),
    ("title", "{{ event.number | minute }}", "AttributeError"),
    ("title", "{{ event.", "TemplateSyntaxError"),
    ("body", "{% for x in event.version %}{% endfor %}", "TypeError"),
])  # fmt: skip
def test_an_alert_whose_template_fails_goes_out_all_the_same(part: str, source: str, kind: str) -> None:
    complaints: list[tuple[str, str, str]] = []
    compiled = one(complaints, **{part: source})
    assert getattr(compiled, part)(OPENED_EVENT) == "mine: YB-1"
    assert complaints == [("mine", part, kind)]


def test_a_condition_that_fails_holds_and_an_urgency_that_fails_is_no_quieter_for_it() -> None:
    assert one(when="event.nothing > 3").wanted(OPENED_EVENT)
    assert one(urgency="event.title").urgency(OPENED_EVENT) == "high"
    assert one(urgency="'low' if event.version > 2 else 'urgent'").urgency(OPENED_EVENT) == "low"


@pytest.mark.parametrize(("facts", "told"), [
    ({"on": "case.nothing"}, "没有 case.nothing 这种事件"),
    ({"to": ("desk", "boss")}, "没有叫 boss 的受众"),
    ({"steps": ({"after_min": 5, "to": ("staff:",)},)}, "没有叫 staff: 的受众"),
    ({"title": "{{ event.numbr }}"}, "没有字段 event.numbr"),
    ({"body": "{{ event.actor.salary }}"}, "没有字段 event.actor.salary"),
    ({"title": "{{ case }}"}, "没有 case 这个变量"),
    ({"title": "{{ event.number"}, "title: 第 1 行有误"),
    ({"body": "{{ event.number | boom }}"}, "body: 第 1 行有误"),
    ({"body": "{% set x = 1 %}"}, "不允许赋值"),
    ({"when": "event.priority =="}, "when: 表达式有误"),
    ({"when": "event.prority == 'low'"}, "没有字段 event.prority"),
    ({"urgency": "very"}, "没有 very 这个变量"),
    ({"group": ("outage_id",)}, "没有字段 outage_id"),
    ({"inhibits": ("warning",)}, "须同时填写 group"),
    ({"inhibits": ("mine",), "group": ("case_id",)}, "不能抑制自己"),
    ({"on": "", "title": "{{ event.number }}"}, "没有 event 这个变量"),
])  # fmt: skip
def test_what_is_wrong_with_a_rule_is_said_in_chinese(facts: dict[str, Any], told: str) -> None:
    problems = problems_of(rule(**facts))
    assert any(told in problem for problem in problems), problems


def test_groups_and_templates_that_exist_are_no_problem() -> None:
    assert problems_of(rule(to=("night-shift",), template="short"), {"night-shift"}, {"short"}) == []
    assert len(problems_of(rule(to=("night-shift",), template="short"), (), ())) == 2


@pytest.mark.parametrize(("text", "told"), [
    ("mine: {on: case.opened, to: [desk], title: t, colour: red}", "不认识的键 colour"),
    ("mine: {on: case.opened, to: [desk]}", "mine: title"),
    ("mine: {on: case.opened, to: [boss], title: t}", "boss"),
    ("- mine", "应为"),
    ("mine: {", "rules"),
])  # fmt: skip
def test_a_file_of_rules_with_a_mistake_keeps_the_service_from_starting(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "rules.yaml").write_text(text)
    with pytest.raises(CannotStart, match=told):
        rules(tmp_path / "rules.yaml")


def test_a_missing_file_of_rules_is_named(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match=r"none\.yaml"):
        rulebook(tmp_path / "none.yaml")


@pytest.mark.parametrize("name", [r.name for r in rules() if r.on])
def test_a_preview_of_every_rule_shows_what_each_kind_of_provider_would_get(name: str) -> None:
    compiled = rulebook().named(name)
    assert compiled is not None
    shown = preview(compiled.rule)
    assert shown.problems == [] and shown.title and shown.body and shown.audiences
    assert set(shown.messages) == {"text", "markdown", "html", "sms"}
    assert len(shown.messages["sms"]["body"]) <= 200


def test_a_preview_takes_the_facts_that_somebody_gives_and_tells_which_are_wrong() -> None:
    mine = rule(title="{{ event.number }}", urgency="event.priority")
    assert preview(mine, {"number": "YB-99"}).title == "YB-99"
    assert "priority" in preview(mine, {"priority": "huge"}).problems[0]
    assert preview(rule(to=("boss",))).problems != []
    assert "ZeroDivisionError" in preview(rule(body="{{ 1 // (event.version - 1) }}")).problems[0]
