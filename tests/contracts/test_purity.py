"""Folds are pure: the import rules keep libraries out, this keeps the clock and chance out."""

import ast
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
IMPURE = {"now", "utcnow", "today", "uuid1", "uuid4", "urandom", "monotonic", "perf_counter"}


def _pure_modules() -> list[str]:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    modules: list[str] = next(c["source_modules"] for c in contracts if c["name"].startswith("Folds"))
    return modules


@pytest.mark.parametrize("module", _pure_modules())
def test_a_pure_module_asks_neither_the_clock_nor_chance(module: str) -> None:
    tree = ast.parse((ROOT / f"{module.replace('.', '/')}.py").read_text())
    called = {n.func.attr if isinstance(n.func, ast.Attribute) else getattr(n.func, "id", "")
              for n in ast.walk(tree) if isinstance(n, ast.Call)}  # fmt: skip
    assert not called & IMPURE


def test_every_fold_is_on_the_list_of_pure_modules() -> None:
    found = (p.relative_to(ROOT).with_suffix("") for p in (ROOT / "services").rglob("fold.py"))
    folds = {".".join(p.parts) for p in found}
    assert len(folds) > 5
    assert folds <= set(_pure_modules())
