"""Templates that people write reach facts and words, nothing else, and end."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import TemplateSyntaxError

from contracts.case import CaseOpened
from contracts.setting import MessageTemplate
from services.notify.rules import sandbox
from services.notify.rules.preview import preview_of_template
from services.notify.rules.problems import problems_of_template
from services.notify.rules.samples import message
from services.notify.rules.templating import chosen, facts_of
from tests.unit.notify.alert_examples import OPENED, event

FACTS = {"event": event(CaseOpened, **OPENED), "long": "长" * 5_000, "many": tuple(range(900))}


@pytest.mark.parametrize("source", [
    "{{ ().__class__.__bases__ }}", "{{ event.__class__ }}", "{{ event.model_fields }}", "{{ event['__dict__'] }}",
    "{{ event.number.upper }}", "{{ ''.format }}", "{{ event.model_dump }}", "{{ loop }}", "{{ range }}",
    "{{ event.occurred_at.year }}", "{% for x in many %}{{ loop._iterator }}{% endfor %}",
])  # fmt: skip
def test_a_template_sees_nothing_of_python(source: str) -> None:
    with pytest.raises(sandbox.TROUBLE):
        sandbox.text(source)(FACTS)


@pytest.mark.parametrize("source", [
    "{{ event.number.upper() }}", "{{ range(9) }}", "{% set a = 1 %}", "{% macro m() %}{% endmacro %}",
    "{% include 'x' %}", "{% import 'x' as x %}", "{% extends 'x' %}", "{{ 9 ** 9 }}", "{{ long[::2] }}",
    "{% for a in many %}{% for b in many %}{% endfor %}{% endfor %}", "{% for a in many recursive %}{% endfor %}",
    "{% for a in many %}{% if a %}{% for b in many %}{% endfor %}{% endif %}{% endfor %}",
    "{% filter upper %}{% endfilter %}", "{% block b %}{% endblock %}", "{% with a = 1 %}{% endwith %}",
    "{{ long | replace('a', 'b') }}", "{{ long | center(99999999) }}", "{{ long | attr('x') }}",
    "{{ many | map('x') }}", "{{ 1" + " + 1" * 900 + " }}", "{{ event" + ".a" * 1_900 + " }}",
    "{{ " + "not " * 900 + "a }}", "{{ " + "(" * 1_900 + "1" + ")" * 1_900 + " ",
])  # fmt: skip
def test_what_could_run_away_is_no_template(source: str) -> None:
    with pytest.raises(TemplateSyntaxError):
        sandbox.text(source)


@pytest.mark.parametrize("source", [
    "{{ 'a' * 999999999 }}", "{{ long * 9999 }}", "{{ '%999999999d' % 1 }}", "{{ many * 99999 }}", "{{ long + long }}",
])  # fmt: skip
def test_a_text_is_not_multiplied(source: str) -> None:
    with pytest.raises(sandbox.TROUBLE):
        sandbox.text(source)(FACTS)


def test_a_long_output_is_stopped() -> None:
    assert len(sandbox.text("{% for x in many %}{{ long }}{% endfor %}")(FACTS)) == sandbox.MOST


@pytest.mark.parametrize(("source", "said"), [
    ("{{ event.title | cut(4) }}", "门诊结…"),
    ("{{ many | length }} {{ many | first }} {{ many[1] }}", "900 0 1"),
    ("{% for x in ('a', 'b') %}{{ loop.index }}{{ x }}{% if not loop.last %}, {% endif %}{% endfor %}", "1a, 2b"),
    ("{{ ('a', 'b') | joined }} {{ 0.906 | percent }} {{ '+15m' | without('+') }}", "a、b 90.6% 15m"),
    ("{{ event.contact or '无' }} {{ event.assignee | default('x') }}", "无 None"),
    ("{{ event.occurred_at | minute }} {{ event.occurred_at | second }} {{ event.occurred_at | day }}",
     "11-22 12:00 11-22 12:00:00 2026-11-22"),
    ("{{ event.priority | urgency_name }} {{ 'bogus' | clock_name }} {{ (1 + 2 * 3) % 4 }}", "紧急 bogus 3"),
    ("{{ event.requester.id }} {{ 'u' if event.priority == 'urgent' }}", "u u"),
    ("{{ ' A ' | trim | lower }} {{ '2026-10' | period_name }}", "a 2026年10月"),
])  # fmt: skip
def test_a_template_has_words_for_facts(source: str, said: str) -> None:
    assert sandbox.text(source)(FACTS) == said


@given(st.text("{}%#'\"()[]|.~+*- \nabcdefilnorstuv0123456789", max_size=60))
def test_whatever_is_written_is_refused_fails_as_announced_or_is_a_text(source: str) -> None:
    with suppress(*sandbox.TROUBLE):
        assert len(sandbox.text(source)(FACTS)) <= sandbox.MOST


@given(st.lists(st.sampled_from(
    ["event", ".number", ".title", "long", "many", " ~ ", " + ", " * ", "9", "'a'", " | cut(3)", " | joined", " if ",
     " else ", "not ", "(", ")", "[0]", " in ", " == ", " | length", " | percent", " | duty_title", " | minute"]
), max_size=12))  # fmt: skip
def test_whatever_expression_is_written_is_refused_fails_as_announced_or_has_a_value(parts: list[str]) -> None:
    with suppress(*sandbox.TROUBLE):
        sandbox.value("".join(parts))(FACTS)


def template(**facts: Any) -> MessageTemplate:
    return MessageTemplate.model_validate({"name": "short", "body": "{{ title }}", **facts})


def test_a_template_is_used_for_the_kinds_of_provider_that_it_is_meant_for() -> None:
    mine = template(for_kinds=("sms",))
    assert chosen([mine], "short", "sms") is mine
    assert chosen([mine], "short", "email") is None
    assert chosen([mine], "", "sms") is None and chosen([mine], "other", "sms") is None
    assert chosen([everywhere := template()], "short", "email") is everywhere


def test_personal_data_in_a_notice_is_masked_and_an_office_s_number_stays() -> None:
    facts = facts_of(message(title="请回电 13893112233", body="张三身份证 620102199003071234, 咨询 0931-8456789\x07"))
    assert "13893112233" not in facts["title"] and "620102199003071234" not in facts["body"]
    assert "0931-8456789" in facts["body"] and "\x07" not in facts["body"]


@pytest.mark.parametrize(("facts", "told"), [
    ({"body": "{{ event.number }}"}, "没有 event 这个变量"),
    ({"body": "{{ adress }}"}, "没有 adress 这个变量"),
    ({"title": "{{ title"}, "title: 第 1 行有误"),
])  # fmt: skip
def test_what_is_wrong_with_a_template_is_said_in_chinese(facts: dict[str, Any], told: str) -> None:
    assert told in problems_of_template(template(**facts))[0]
    assert preview_of_template(template(**facts)).messages == {}


def test_a_preview_of_a_template_shows_it_for_every_kind() -> None:
    shown = preview_of_template(template(body="{{ urgency_name }}: {{ body }}"), {"body": "<b>5_0</b>"})
    assert shown.problems == []
    assert "\n紧急: <b>5_0</b>\n" in shown.messages["text"]["body"]
    assert "https://yibao.example/l/" in shown.messages["text"]["body"], "where links of real messages lead as well"
    assert "\n紧急: \\<b\\>5\\_0\\</b\\>\n" in shown.messages["markdown"]["body"]
    assert shown.messages["html"]["html"].startswith("紧急: &lt;b&gt;5_0&lt;/b&gt;")
    assert "用于 text 时出错 (AttributeError)" in preview_of_template(template(body="{{ title | minute }}")).problems[0]
    assert "urgency" in preview_of_template(template(), {"urgency": "huge"}).problems[0]
