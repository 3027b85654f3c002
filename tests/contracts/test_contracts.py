"""The contracts: examples are valid, generated files fresh, subjects stored, and breaks are noticed."""

import copy
import json
from typing import Any

import pytest

from contracts.registry import SUBJECTS
from contracts.topology import DURABLES, STREAMS, matches, stream_of
from yibao.compatibility import breaks
from yibao.contracts import EXAMPLES, broken, schemas, stale

Json = dict[str, Any]


@pytest.mark.parametrize("model", dict.fromkeys(SUBJECTS.values()), ids=lambda m: m.__name__)
def test_every_model_has_one_valid_example_that_survives_a_round_trip(model: Any) -> None:
    example = (EXAMPLES / f"{model.__name__}.json").read_text()
    parsed = model.model_validate_json(example)
    assert model.model_validate_json(parsed.model_dump_json()) == parsed


def test_the_generated_files_are_fresh() -> None:
    assert stale() == []


def test_no_consumer_of_the_released_contracts_breaks() -> None:
    assert broken() == []


@pytest.mark.parametrize("subject", SUBJECTS)
def test_every_subject_is_stored_in_exactly_one_stream(subject: str) -> None:
    stored = [s.name for s in STREAMS if any(matches(p, subject) for p in s.subjects)]
    assert stored == [stream_of(subject)]


@pytest.mark.parametrize("durable", DURABLES, ids=lambda d: d.name)
def test_every_durable_hears_only_what_its_stream_stores(durable: Any) -> None:
    stream = next(s for s in STREAMS if s.name == durable.stream)
    heard = [s for s in SUBJECTS if any(matches(f, s) for f in durable.filters)]
    assert heard
    assert all(any(matches(p, s) for p in stream.subjects) for s in heard)


def _changed(change: Any) -> list[str]:
    released = schemas()
    now = copy.deepcopy(released)
    change(now)
    return breaks(released, now)


def test_a_removed_model_breaks() -> None:
    assert _changed(lambda now: now.pop("CaseOpened")) == ["CaseOpened: the model is gone"]


def test_a_removed_field_breaks() -> None:
    assert _changed(lambda now: now["CaseOpened"]["properties"].pop("title")) == ["CaseOpened.title: the field is gone"]


def test_a_retyped_field_breaks() -> None:
    assert (
        "CaseOpened.title: another type"
        in _changed(lambda now: now["CaseOpened"]["properties"].update(title={"type": "integer"}))[0]
    )


def test_a_retyped_nested_field_breaks() -> None:
    assert _changed(lambda now: now["CaseOpened"]["$defs"]["Sender"]["properties"].pop("id"))


def test_a_new_required_field_breaks() -> None:
    assert _changed(lambda now: now["ChannelMessage"]["required"].append("priority"))


def test_a_field_that_is_no_longer_required_breaks() -> None:
    assert _changed(lambda now: now["CaseOpened"]["required"].remove("title"))


def test_a_value_that_is_no_longer_allowed_breaks() -> None:
    assert _changed(lambda now: now["ChannelMessage"]["properties"]["channel"]["enum"].remove("qq"))


def test_a_new_optional_field_breaks_nothing() -> None:
    def add(now: dict[str, Json]) -> None:
        now["CaseOpened"]["properties"]["language"] = {"type": "string", "default": "zh"}

    assert _changed(add) == []


def test_unknown_fields_are_ignored() -> None:
    example = json.loads((EXAMPLES / "ChannelMessage.json").read_text())
    model = SUBJECTS["channel.in.wechat"]
    assert model.model_validate({**example, "surprise": 1}) == model.model_validate(example)
