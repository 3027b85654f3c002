"""Files as they really come: refused in one sentence that says what to do, or read with rows that add up.

Those that `tests/integration/test_stats_bad_files.py` sends through the service are left to it.
"""

from pathlib import Path

import pytest

from services.stats.problem import Problem
from services.stats.sources.table import dictionaries, tables
from tests.support.stats_bad_files import FAILING, READ, THROUGH, Bad
from tests.support.stats_ingest import Read

TABLE = tables()["hospital_ledger"]


@pytest.mark.parametrize("bad", [bad for bad in FAILING if bad.name not in THROUGH], ids=lambda bad: bad.name)
def test_a_file_that_cannot_be_used_is_refused_in_one_sentence(tmp_path: Path, bad: Bad) -> None:
    with pytest.raises(Problem) as problem:
        _read(tmp_path, bad)
    assert bad.says in str(problem.value)
    assert "张三" not in str(problem.value)
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize("bad", [bad for bad in READ if bad.name not in THROUGH], ids=lambda bad: bad.name)
def test_the_rows_of_a_file_that_can_be_used_add_up(tmp_path: Path, bad: Bad) -> None:
    read = _read(tmp_path, bad)
    outcome = read.outcome
    assert (outcome.rows_accepted, outcome.rows_rejected) == bad.rows
    assert outcome.rows_in == len(read.accepted) + len(read.rejected)
    assert bad.says in f"{outcome.reasons} {outcome.notes}"


def test_what_goes_through_the_service_is_among_them() -> None:
    assert {bad.name for bad in (*FAILING, *READ)} >= THROUGH


def _read(folder: Path, bad: Bad) -> Read:
    return Read(folder, bad.make(), bad.name, TABLE, codes=dictionaries())
