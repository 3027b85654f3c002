"""A model is found by its subject though nobody has loaded all contracts."""

from pkgutil import iter_modules

import pytest

import contracts
from contracts.registry import COMMANDS, EVENTS
from contracts.subjects import model_of, spoken

MODULES = [module.name for module in iter_modules(contracts.__path__) if module.name not in ("registry", "subjects")]


@pytest.mark.parametrize("module", MODULES)
def test_every_event_and_command_is_found_by_its_type(module: str) -> None:
    for type_, model in spoken(module).items():
        assert model_of(type_) is model, f"contracts.subjects does not say that {type_} is in {module}"
        assert (EVENTS | COMMANDS)[type_] is model


def test_nothing_is_found_where_nothing_is_agreed_on() -> None:
    assert model_of("case") is None and model_of("nobody.knows") is None and model_of("channel.in.pigeon") is None
