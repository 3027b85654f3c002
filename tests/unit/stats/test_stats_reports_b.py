"""Treatment, cross-region, institution, catalogue and indicator reports against plain Python over the same rows."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from services.stats import sample
from services.stats.definitions.definition import Definition, load
from services.stats.engine.counting import count
from services.stats.engine.parameters import check_sql
from services.stats.periods import period
from services.stats.report import Input, Report, Scope
from services.stats.sources.table import dictionaries, tables
from tests.unit.stats.independent import b_catalogue, b_cross_region, b_indicator, b_institution, b_quality, b_treatment
from tests.unit.stats.independent.b_border import on_the_border
from tests.unit.stats.independent.b_plain import Lines, Rows

CHECKS = {
    **b_treatment.CHECKS, **b_cross_region.CHECKS, **b_institution.CHECKS, **b_catalogue.CHECKS, **b_indicator.CHECKS,
    **b_quality.CHECKS,
}  # fmt: skip
MONTHS = tuple(f"{year}-{month:02}" for year in (2025, 2026) for month in range(1, 13))[6:21]
MONTH, NINE_MONTHS = "2026-05", "2026-01..09"


class Region:
    """The sample's tables, as data sets for the engine and as rows for Python."""

    def __init__(self, folder: Path, truth: sample.Truth) -> None:
        self.truth, self.folder = truth, folder
        self.rows: Rows = {path.stem: pq.read_table(path).to_pylist() for path in folder.glob("*.parquet")}

    def inputs(self, definition: Definition) -> list[Input]:
        paths = {name: self.folder / f"{name}.parquet" for name in definition.tables}
        return [Input(name, name, len(self.rows[name]), path=str(path)) for name, path in paths.items()]

    def count(self, report: str, text: str, out: Path, whole: bool = False, **parameters: str) -> Report:
        """`whole` with its checks and comparisons, which ask for three more periods."""
        definition = load(report) if whole else bare(load(report))
        return count(
            definition, period(text), self.inputs(definition), Scope(), parameters, out, memory_mb=1024, scratch=out
        )

    def plainly(self, report: str, text: str, **parameters: str) -> Lines:
        asked = period(text)
        return CHECKS[report](self.rows, asked.since, asked.until, **parameters)


def bare(definition: Definition) -> Definition:
    outputs = tuple(msgspec.structs.replace(o, compare=()) for o in definition.outputs)
    return msgspec.structs.replace(definition, outputs=outputs, checks=())


@pytest.fixture(scope="module")
def region(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Region]:
    folder = tmp_path_factory.mktemp("region")
    truth = sample.generate(folder, seed=20260, persons=900, months=MONTHS)
    yield Region(folder, truth)


@pytest.fixture(scope="module")
def edges(region: Region, tmp_path_factory: pytest.TempPathFactory) -> Region:
    """The same region with rows that lie just on a border."""
    folder, rows = tmp_path_factory.mktemp("edges"), {name: list(table) for name, table in region.rows.items()}
    for name, added in list(on_the_border(rows)):
        rows[name] += added
    for name, table in rows.items():
        schema = pq.read_schema(region.folder / f"{name}.parquet")
        pq.write_table(pa.Table.from_pylist(table, schema=schema), folder / f"{name}.parquet")
    return Region(folder, region.truth)


@pytest.fixture(scope="module")
def judged(region: Region, tmp_path_factory: pytest.TempPathFactory) -> Lines:
    """The indicators of nine months."""
    return lines(region.count("institution_indicators", NINE_MONTHS, tmp_path_factory.mktemp("judged")))


def lines(report: Report) -> Lines:
    """The report as it was written, without the columns that comparisons add."""
    names = [o.code for o in report.definition.dimensions]
    measures = [o.code for o in report.definition.measures]
    rows: list[dict[str, Any]] = pq.read_table(report.data).to_pylist()
    found = {tuple(row[n] for n in names): {m: row[m] for m in measures} for row in rows}
    assert len(found) == len(rows), "two lines with the same dimensions"
    assert all(row["rolled"] == sum(row[n] is None for n in names) for row in rows)
    return found


@pytest.mark.parametrize("report", sorted(CHECKS))
def test_every_line_of_nine_months_is_what_plain_python_counts(region: Region, tmp_path: Path, report: str) -> None:
    found, expected = lines(region.count(report, NINE_MONTHS, tmp_path)), region.plainly(report, NINE_MONTHS)
    assert len(expected) > 1
    assert found == expected


@pytest.mark.parametrize("report", sorted(CHECKS))
def test_rows_on_a_border_fall_on_the_side_that_the_words_say(edges: Region, tmp_path: Path, report: str) -> None:
    assert lines(edges.count(report, NINE_MONTHS, tmp_path)) == edges.plainly(report, NINE_MONTHS)


@pytest.mark.parametrize("report", sorted(CHECKS))
def test_a_month_is_counted_with_its_comparisons_and_passes_its_checks(
    region: Region, tmp_path: Path, report: str
) -> None:
    found = region.count(report, MONTH, tmp_path, whole=True)
    assert lines(found) == region.plainly(report, MONTH)
    assert [c.found for c in found.checks if not c.ok and c.severity == "fail"] == []
    assert len(found.checks) >= len(found.definition.checks)


@pytest.mark.parametrize("report", sorted(CHECKS))
def test_a_definition_can_be_counted_and_read(report: str) -> None:
    definition = load(report)
    assert check_sql(definition, tables()) == []
    assert {o.dictionary for o in definition.outputs if o.dictionary} <= dictionaries().keys()
    assert len(definition.checks) >= 3 and len({c.kind for c in definition.checks}) >= 3
    assert bool(definition.charts) == (definition.family != "indicator"), "figures of several units make no chart"
    assert {c.x for c in definition.charts} <= {d.code for d in definition.dimensions}
    assert {y for c in definition.charts for y in c.y} <= {m.code for m in definition.measures}
    assert [len(line) for line in definition.example] == [len(definition.outputs)] * 2
    assert definition.basis and definition.sources and definition.constraints and definition.notes


def test_other_regions_are_counted_when_they_are_asked_for(region: Region, tmp_path: Path) -> None:
    for report in ("card_payments", "institution_indicators"):
        everywhere = lines(region.count(report, "2026-03", tmp_path, region=""))
        assert everywhere == region.plainly(report, "2026-03", region="")
    nowhere = lines(region.count("card_payments", "2026-03", tmp_path, region="99"))
    assert nowhere == region.plainly("card_payments", "2026-03", region="99")
    assert list(nowhere) == [(None, None, None)] and nowhere[None, None, None]["acct_pay"] == 0


def test_the_rate_of_an_item_is_counted_for_the_item_that_is_asked_for(region: Region, tmp_path: Path) -> None:
    used = [r["hilist_code"] for r in region.rows["fee_list_d"]]
    item = max(set(used), key=lambda code: (used.count(code), code))
    found = lines(region.count("institution_indicators", "2026-03", tmp_path, item=item))
    assert found == region.plainly("institution_indicators", "2026-03", item=item)
    rates = {key: line["value"] for key, line in found.items() if key[2] == "A15"}
    assert rates and all(rate > 0 for rate in rates.values())


def test_the_institution_that_costs_double_is_an_outlier_among_its_peers(region: Region, judged: Lines) -> None:
    [planted] = region.truth.planted["doubled_institution"].keys
    mine = next(line for (code, _, indicator), line in judged.items() if (code, indicator) == (planted, "A01"))
    assert (mine["outlier"], mine["score"]) == ("是", Decimal("50.00"))
    assert mine["band"] in {"Q3-P90", "高于P90"}


def test_fewer_than_five_peers_give_no_verdict(judged: Lines) -> None:
    few = [line for line in judged.values() if line["peers"] < 5]
    many = [line for line in judged.values() if line["peers"] >= 5]
    assert few and all(line["q2"] is line["band"] is line["outlier"] is line["score"] is None for line in few)
    assert many and all(line["p10"] <= line["q1"] <= line["q2"] <= line["q3"] <= line["p90"] for line in many)
    assert {line["band"] for line in many} >= {"P10-Q1", "Q1-Q3", "Q3-P90", "高于P90"}


def test_lines_over_the_limit_are_found_in_the_catalogues(region: Region, tmp_path: Path) -> None:
    planted = set(region.truth.planted["price_over_limit"].keys)
    refused = {r["setl_id"] for r in region.rows["setl_d"] if r["vali_flag"] != "1" or r["refd_setl_flag"] != "0"}
    expected = sum(1 for key in planted if key.rpartition("-")[0] not in refused)
    catalogues = ("drug_catalogue", "service_catalogue", "consumable_catalogue")
    found = [lines(region.count(c, "", tmp_path, region=""))[None, None, None, None] for c in catalogues]
    assert sum(total["overlmt_cnt"] for total in found) == expected > 0


def test_a_ledger_may_be_summed_without_a_period(region: Region, tmp_path: Path) -> None:
    found = lines(region.count("settlement_summary", "", tmp_path))
    assert found == region.plainly("settlement_summary", "")
    total = found[None, None, None]
    assert total["setl_cnt"] + total["refd_cnt"] == len(region.rows["hospital_ledger"])
    assert total["refd_cnt"] > 0
