"""What a template could make longer stops before it is there, however it is put."""

import tracemalloc
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import TemplateSyntaxError

from contracts.case import CaseOpened
from contracts.setting import AlertRule, MessageTemplate
from services.notify.rules import sandbox
from services.notify.rules.problems import problems_of, problems_of_template
from services.notify.rules.rulebook import Compiled
from services.notify.rules.templating import HTML, MARKDOWN
from tests.unit.notify.alert_examples import OPENED, event

OPENED_EVENT = event(CaseOpened, **OPENED)
FACTS = {"event": OPENED_EVENT, "long": "长" * 5_000, "many": tuple(range(900)), "wide": ("长" * 5_000,) * 100}
MOST_BYTES = 8_000_000

LONGER = [
    "{{ long" + " | joined" * 40 + " }}",
    "{{ 'ab'" + " | joined" * 40 + " }}",
    "{{ [long] | joined | joined(long) }}",
    "{% for a in [long" + " ~ long" * 500 + "] %}{{ (a" + " ~ a" * 800 + ") | length }}{% endfor %}",
    "{% for a in [wide, wide] %}{{ [" + "a, " * 900 + "] }}{% endfor %}",
    "{% for a in [wide, wide] %}{{ [" + "a, " * 900 + "] | upper }}{% endfor %}",
    "{% for a in [wide, wide] %}{{ [" + "a, " * 900 + "] | cut(3) }}{% endfor %}",
    "{% for a in [[wide, wide]] %}{{ [" + "a, " * 900 + "] | joined }}{% endfor %}",
    "{% for a in [wide] %}{{ {'x': [" + "a, " * 900 + "]} ~ 'x' }}{% endfor %}",
    "{% for a in [wide] %}{{ [" + "a, " * 900 + "] | clock_name }}{% endfor %}",
]


@pytest.mark.parametrize("env", [sandbox.PLAIN, MARKDOWN, HTML], ids=["text", "markdown", "html"])
@pytest.mark.parametrize("source", LONGER)
def test_a_template_never_takes_more_than_a_little_memory(source: str, env: sandbox.Environment) -> None:
    made = sandbox.text(source, env)
    tracemalloc.start()
    try:
        assert len(made(FACTS)) <= sandbox.MOST
    except sandbox.TROUBLE:
        pass
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < MOST_BYTES


@pytest.mark.parametrize("source", ["'ab' | joined", "long | joined | joined", "event.title | joined('x')"])
def test_a_text_is_not_taken_apart(source: str) -> None:
    with pytest.raises(TypeError):
        sandbox.value(source)(FACTS)


def test_texts_that_are_put_together_end_where_every_text_does() -> None:
    assert len(sandbox.value("long ~ long ~ long ~ long ~ long")(FACTS)) == sandbox.MOST
    assert len(sandbox.value("wide | joined")(FACTS)) == sandbox.MOST
    assert sandbox.value("1 ~ 'a' ~ ('b', 2)")(FACTS) == "1a('b', 2)"


def test_a_loop_goes_over_lists_and_not_round_for_ever() -> None:
    assert len(sandbox.text("{% for x in many %}.{% endfor %}")(FACTS)) == 200
    assert sandbox.text("{% for x in many if x > 897 %}{{ x }}{% else %}-{% endfor %}")(FACTS) == "-"
    with pytest.raises(TypeError):
        sandbox.text("{% for x in long %}.{% endfor %}")(FACTS)
    with pytest.raises(TemplateSyntaxError, match="过滤器太多"):
        sandbox.text("{% for x in many %}{{ x" + " | upper" * 21 + " }}{% endfor %}")


def test_numbers_stay_small() -> None:
    with pytest.raises(sandbox.TROUBLE):
        sandbox.value(" * ".join(["999999999999"] * 20))(FACTS)


class Greedy:
    def __str__(self) -> str:
        raise MemoryError


def test_a_lack_of_memory_is_a_template_s_failure_and_not_the_service_s() -> None:
    told: list[tuple[str, str, str]] = []
    rule = AlertRule(name="mine", on="case.opened", to=("desk",), title="{{ event.title }}")
    greedy = OPENED_EVENT.model_copy(update={"title": Greedy()})
    assert Compiled(rule, lambda *one: told.append(one)).title(greedy) == "mine: YB-1"
    assert told == [("mine", "title", "MemoryError")]


@pytest.mark.parametrize("source", [
    "{{ event.title | joined }}", "{{ event.institution_code | upper | joined }}", "{{ 'ab' | joined }}",
    "{{ (event.title ~ 'a') | joined }}", "{% for x in event.title %}{% endfor %}",
])  # fmt: skip
def test_a_text_that_a_template_takes_apart_is_a_problem(source: str) -> None:
    rule = AlertRule(name="mine", on="case.opened", to=("desk",), title="t", body=source)
    assert [p for p in problems_of(rule) if "只能用于列表" in p] != []


def test_lists_are_joined_without_a_problem() -> None:
    body = "{{ event.institutions | joined }}{% for x in event.institutions %}{{ x }}{% endfor %}"
    assert problems_of(AlertRule(name="mine", on="outage.suggested", to=("desk",), title="t", body=body)) == []
    assert problems_of_template(MessageTemplate(name="mine", body="{{ (title, body) | joined(', ') }}")) == []


_WORDS = (
    "long", "many", "wide", "event.title", "'a'", "9", " ~ ", " * ", " + ", "(", ")", "[", "]", ", ", " | joined",
    " | joined(long)", " | cut(9)", " | upper", " | trim", " | percent", " | clock_name", " | first",
)  # fmt: skip


@given(st.lists(st.sampled_from(_WORDS), max_size=16))
def test_no_expression_says_more_than_a_template_may(parts: list[str]) -> None:
    try:
        said: Any = sandbox.value("".join(parts))(FACTS)
    except sandbox.TROUBLE:
        return
    assert not isinstance(said, str) or len(said) <= sandbox.MOST
