"""Every report of the desk's own figures says what an independent computation says, on invented events."""

import io
import random
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from services.stats.definitions.definition import Definition, load
from services.stats.engine.counting import count as engine
from services.stats.operations.folding import fold
from services.stats.operations.writing import write
from services.stats.periods import period
from services.stats.report import Input, Scope
from services.stats.sources.table import tables
from tests.unit.stats.independent.c_events import told
from tests.unit.stats.independent.c_line import PLACES, UNTIL
from tests.unit.stats.independent.c_operations import CHECKS

Rows = Mapping[str, list[dict[str, Any]]]
PERIODS = ("2026-10", "2026-Q3", "2026-01..09", "2026", "2026-10-09", "2025", "")


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Input, ...]:
    out = tmp_path_factory.mktemp("desk")
    made = fold(io.BytesIO(b"\n".join(told(7, 400))), out, UNTIL)
    return *made, write(tables()["setl_list_upload"], uploads(3), out)


def uploads(seed: int) -> list[dict[str, Any]]:
    """Counts of some institutions on many days; some have nothing to upload."""
    chance, found = random.Random(seed), []
    for place in PLACES:
        for n in range(40):
            need = chance.choice((0, 60, 911))
            done = chance.randrange(need + 1)
            counts = {"need_upld_cnt": need, "upld_cnt": done, "qltctrl_pass_cnt": chance.choice((None, done // 2))}
            day = {"setl_month": "2026-09" if n < 20 else "2026-10", "stt_date": date(2026, 10, 1) + timedelta(days=n)}
            found.append(
                {"fixmedins_code": place, "fix_blng_admdvs": place[1:7], **day, **counts, "grp_cnt": done // 3}
            )
    return found


@pytest.fixture(scope="module")
def rows(inputs: Sequence[Input]) -> Rows:
    return {i.table: _dicts(duckdb.sql(f"FROM '{i.path}'")) for i in inputs}


@pytest.mark.parametrize("asked", PERIODS)
@pytest.mark.parametrize("report", sorted(CHECKS))
def test_a_report_says_what_plain_python_says(report: str, asked: str, inputs: Sequence[Input], rows: Rows) -> None:
    definition, told_of = load(report), period(asked)
    choices: tuple[dict[str, str], ...] = ({},)
    if report == "desk_load":
        choices = ({"grain": "day"}, {"grain": "month"})
    if report == "desk_response":
        choices = ({"within": "30"}, {"within": "5"})
    for chosen in choices:
        counted = count(definition, told_of.since, told_of.until, inputs, chosen)
        assert counted == CHECKS[report](rows, told_of.since, told_of.until, **chosen)


@pytest.mark.parametrize("report", sorted(CHECKS))
def test_the_engine_says_it_too(report: str, inputs: Sequence[Input], rows: Rows, tmp_path: Path) -> None:
    definition, asked = load(report), period("2026-10")
    own = [i for i in inputs if i.table in definition.tables]
    counted = engine(definition, asked, own, Scope(), {}, tmp_path, memory_mb=512, scratch=tmp_path)
    names, measures = [o.code for o in definition.dimensions], [o.code for o in definition.measures]
    lines = _dicts(duckdb.sql(f"FROM '{counted.data}'"))
    found = {tuple(line[n] for n in names): {m: line[m] for m in measures} for line in lines}
    assert found == CHECKS[report](rows, asked.since, asked.until)
    assert counted.verdict != "failed", counted.checks


@pytest.mark.parametrize("report", sorted(set(CHECKS) - {"settlement_list_upload"}))
def test_counting_two_harvests_at_once_is_noticed(report: str, inputs: Sequence[Input], tmp_path: Path) -> None:
    definition = load(report)
    earlier = fold(told(7, 400), tmp_path, UNTIL - timedelta(days=20))
    twice = [i for i in (*inputs, *earlier) if i.table in definition.tables]
    counted = engine(definition, period("2026-10"), twice, Scope(), {}, tmp_path, memory_mb=512, scratch=tmp_path)
    assert counted.verdict == "failed"


def test_the_invented_desk_exercises_every_column(inputs: Sequence[Input]) -> None:
    whole = period("")
    for report in CHECKS:
        definition = load(report)
        lines = count(definition, whole.since, whole.until, inputs, {}).values()
        for measure in definition.measures:
            same = {line[measure.code] for line in lines}
            assert len(same) > 1, (report, measure.code)


def count(
    definition: Definition, since: date, until: date, inputs: Sequence[Input], chosen: Mapping[str, str]
) -> dict[tuple[Any, ...], dict[str, Any]]:
    """The report's SQL on DuckDB: its lines by their dimensions."""
    known = {p.name: chosen.get(p.name, p.default) for p in definition.parameters}
    sql = definition.sql.replace(":since", f"DATE '{since}'").replace(":until", f"DATE '{until}'")
    for parameter in definition.parameters:
        value = known[parameter.name]
        sql = sql.replace(f":{parameter.name}", value if parameter.type == "count" else f"'{value}'")
    with duckdb.connect(config={"threads": 2}) as base:
        for i in inputs:
            base.execute(f"CREATE VIEW {i.table} AS FROM '{i.path}'")
        lines = _dicts(base.sql(sql))
    names = [o.code for o in definition.dimensions]
    for line in lines:
        assert line.pop("rolled") == sum(line[name] is None for name in names)
    found = {tuple(line.pop(name) for name in names): line for line in lines}
    assert len(found) == len(lines), "two lines are of the same"
    return found


def _dicts(relation: Any) -> list[dict[str, Any]]:
    names = relation.columns
    return [dict(zip(names, row, strict=True)) for row in relation.fetchall()]
