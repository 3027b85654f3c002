"""Policies: the first that fits holds; a file that cannot be used says why, and nothing starts."""

from datetime import timedelta
from pathlib import Path

import pytest

from services.sla.policy import PolicyError, choose, load
from services.sla.settings import SlaSettings


def test_the_delivered_policies_promise_half_an_hour_and_faster_where_it_is_urgent() -> None:
    policies = load(SlaSettings().sla_policies)
    standard = choose(policies, "H62010200001", "normal")
    assert standard.promises["first_response"].within == timedelta(minutes=30)
    assert choose(policies, None, "urgent").promises["first_response"].within == timedelta(minutes=15)
    drill = choose(policies, "P62019900001", "urgent")
    assert (drill.name, drill.promises["first_response"].until_warning) == ("演练", timedelta(seconds=3))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "不可用"),
        ("- {name: [}", "不可用"),
        ("- {within: 5}", "不可用"),
        ("- {name: a, first_response: {within_s: soon}}", "不可用"),
        ("- {name: a, colour: red}", "colour"),
        ("[]", "最后一条"),
        ("- {name: a, priorities: [urgent]}", "最后一条"),
        ("- {name: all}\n- {name: a, institutions: [P62019900001]}", "最后一条"),
    ],
)
def test_a_file_that_cannot_be_used_is_named_with_the_reason(tmp_path: Path, text: str, why: str) -> None:
    path = tmp_path / "policies.yaml"
    path.write_text(text)
    with pytest.raises(PolicyError) as error:
        load(path)
    assert str(path) in str(error.value) and why in str(error.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match=r"nowhere\.yaml"):
        load(tmp_path / "nowhere.yaml")
