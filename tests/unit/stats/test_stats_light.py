"""The service at rest is light: what counts and writes is loaded by processes of runs only."""

import subprocess
import sys

import pytest

HEAVY = (
    "duckdb", "pyarrow", "ibis", "sqlglot", "numpy", "pandas", "openpyxl", "xlsxwriter", "python_calamine", "typst",
    "chdb", "psycopg", "reportlab",
)  # fmt: skip
SAY = "import sys, {0}; print([m for m in {1!r} if m in sys.modules])"


@pytest.mark.parametrize("module", ["services.stats.main", "services.stats.operations.harvest"])
def test_the_service_loads_nothing_that_only_runs_need(module: str) -> None:
    told = subprocess.run([sys.executable, "-c", SAY.format(module, HEAVY)], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"


def test_asking_for_definitions_and_tables_loads_nothing_more() -> None:
    use = "services.stats.main; from services.stats.definitions.definition import shipped; shipped(); import os"
    told = subprocess.run([sys.executable, "-c", SAY.format(use, HEAVY)], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
