"""What the deployment files say, and what the code offers them: read once, compared in many small tests."""

import importlib
import importlib.util
import re
import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from prometheus_client.metrics import MetricWrapperBase
from pydantic_settings import BaseSettings
from typer.main import get_command

from chassis.settings import Settings

ROOT = Path(__file__).parents[3]
DEPLOY = ROOT / "deploy"
PROMETHEUS = DEPLOY / "prometheus"
CHINESE = re.compile("[一-鿿]")


def parsed(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def compose() -> dict[str, Any]:
    document: dict[str, Any] = parsed(ROOT / "docker-compose.yml")
    return document


class Instruction(NamedTuple):
    name: str
    text: str


def dockerfile() -> list[Instruction]:
    """The Dockerfile's instructions in order: comments dropped, continued lines joined."""
    source = re.sub(r"(?m)^\s*#.*\n", "", (DEPLOY / "Dockerfile").read_text(encoding="utf-8"))
    lines = [" ".join(line.split()) for line in source.replace("\\\n", " ").splitlines()]
    return [Instruction(*line.split(" ", 1)) for line in lines if line]


@cache
def setting_variables() -> frozenset[str]:
    """Every YIBAO_* variable that some settings class reads."""
    modules = ["yibao.settings", *_service_modules("settings")]
    found: set[str] = set()
    for cls in (Settings, *(c for m in modules for c in vars(importlib.import_module(m)).values())):
        if isinstance(cls, type) and issubclass(cls, BaseSettings) and cls is not BaseSettings:
            prefix = cls.model_config.get("env_prefix", "")
            found |= {f"{prefix}{name}".upper() for name in cls.model_fields}
    return frozenset(found)


@cache
def exported() -> dict[str, frozenset[str]]:
    """Every metric of the product as its family is named in the code, with its labels."""
    labels: dict[str, frozenset[str]] = {}
    for module in ("chassis.metrics", *_exporting_modules()):
        for value in vars(importlib.import_module(module)).values():
            if isinstance(value, MetricWrapperBase):
                family = next(iter(value.describe()))
                name = f"{family.name}_total" if family.type == "counter" else family.name
                labels[name] = frozenset(value._labelnames)
    return labels


@cache
def series() -> dict[str, frozenset[str]]:
    """Every name that a query may use: a histogram's buckets, sum and count too."""
    names = dict(exported())
    for name, labels in exported().items():
        names |= {f"{name}_bucket": labels | {"le"}, f"{name}_sum": labels, f"{name}_count": labels}
    return names


def _service_modules(what: str) -> list[str]:
    return [f"services.{path.parent.name}.{what}" for path in sorted((ROOT / "services").glob(f"*/{what}.py"))]


def _exporting_modules() -> list[str]:
    """Metrics stand in `metrics.py` or beside the one thing that they measure."""
    files = (p for p in sorted((ROOT / "services").rglob("*.py")) if "from prometheus_client import" in p.read_text())
    return [".".join(path.relative_to(ROOT).with_suffix("").parts) for path in files]


def rules() -> list[dict[str, Any]]:
    return [rule for group in parsed(PROMETHEUS / "rules.yml")["groups"] for rule in group["rules"]]


def no_such_command(words: list[str]) -> str | None:
    """What is wrong with `yibao <words>`, None when such a command exists. Skips while there is no command line."""
    if importlib.util.find_spec("yibao.main") is None:
        pytest.skip("yibao/main.py does not exist yet")
    main = importlib.import_module("yibao.main")
    command: Any = get_command(main.built([*main.COMMANDS]))
    for word in words:
        commands = getattr(command, "commands", None)
        if commands is None:
            return None
        if word not in commands:
            return f"yibao {' '.join(words)}: there is {', '.join(sorted(commands))}"
        command = commands[word]
    return None


def mentioned_commands(text: str) -> Iterator[list[str]]:
    """`yibao dead list` in a sentence, as its words."""
    for found in re.finditer(r"\byibao ((?:[a-z]+ )?[a-z]+)", text):
        yield found[1].split()


def tool(name: str) -> str:
    """The path of an optional tool. Skips the test where it is not installed."""
    beside = ROOT / ".venv" / "bin" / name
    path = str(beside) if beside.exists() else shutil.which(name)
    if path is None:
        pytest.skip(f"{name} is not installed")
    return path
