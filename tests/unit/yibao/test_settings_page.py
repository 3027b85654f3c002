"""docs/settings.md has every setting that a service reads, each by the name of its variable."""

from importlib import import_module
from pathlib import Path

import pytest
from pydantic_settings import BaseSettings

from services.stats.settings import StatsSettings
from yibao.settings import described

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs/settings.md").read_text(encoding="utf-8")


def test_a_setting_is_called_as_the_environment_has_to_call_it(monkeypatch: pytest.MonkeyPatch) -> None:
    [name] = [name for name, _, _ in described(StatsSettings) if name.endswith("PUBLIC_URL")]
    monkeypatch.setenv(name, "https://desk.example/stats")
    assert StatsSettings().public_url == "https://desk.example/stats"


@pytest.mark.parametrize("service", sorted(p.parent.name for p in ROOT.glob("services/*/settings.py")))
def test_every_setting_of_a_service_is_on_the_page(service: str) -> None:
    module = import_module(f"services.{service}.settings")
    own = [v for v in vars(module).values() if isinstance(v, type) and issubclass(v, BaseSettings)]
    assert own
    assert all(f"| `{name}` |" in PAGE for settings in own for name, _, _ in described(settings))
