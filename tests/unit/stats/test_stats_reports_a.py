"""Every report on contributions and the fund against an independent computation, and what it must not get wrong."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from services.stats import sample
from services.stats.definitions.definition import Definition, load
from services.stats.engine.parameters import check_sql
from services.stats.periods import period
from services.stats.report import Scope
from services.stats.sources.table import dictionaries, tables
from tests.unit.stats.independent import a_balance, a_daily, a_enrolment, a_fund, a_progress, a_register
from tests.unit.stats.independent.a_counting import alone, counted, differences, lines, rewritten

CHECKS = {
    report: check
    for family in (a_balance, a_daily, a_enrolment, a_fund, a_progress, a_register)
    for report, check in family.CHECKS.items()
}
MONTHS = ("2025-10", "2025-11", "2025-12", *(f"2026-{month:02}" for month in range(1, 11)))
CHOSEN = {
    "account_expenditure": {"region": "620102"}, "employee_register": {"psn_insu_stas": ""},
    "employer_register": {"insutype": "310"}, "fund_income_expenditure": {"region": ""},
    "insured_persons": {"region": "62", "clock": "crte_time"}, "medical_fund_expenditure": {"region": ""},
    "regional_medical_fund": {"region": ""}, "resident_payment_progress": {"accrym": "2026-12"},
    "resident_register": {"insu_admdvs": "620121"},
}  # fmt: skip
"""Other parameters than by default; the periods are other ones too."""

CARELESS = [
    ("account_expenditure", "fixmedins_code LIKE 'P%' AND med_type IN ('14', '41')", "med_type = '41'"),
    ("account_expenditure", "refd_setl_flag = '0'", "refd_setl_flag <> '2'"),
    ("employee_payment", "AND r.revs_flag = 'Z'", ""),
    ("employer_payments", "COUNT(DISTINCT emp_no) AS", "COUNT(emp_no) AS"),
    ("fund_income_expenditure", "month = last_month", "month <> ''"),
    ("insured_persons", "DISTINCT CASE WHEN held", "CASE WHEN held"),
    ("medical_fund_expenditure", "vali_flag = '1' AND", ""),
    ("regional_medical_fund", "SUBSTRING(fix_blng_admdvs, 1, 4)", "fix_blng_admdvs"),
    ("resident_enrolment_payment", "COUNT(DISTINCT psn_no)", "COUNT(psn_no)"),
]
"""What somebody could write instead, and what would then be counted: the report, the words of its SQL, the others."""

Rows = dict[str, list[dict[str, Any]]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("reports_a")
    sample.generate(made, seed=11, persons=500, months=MONTHS)
    return made


@pytest.fixture(scope="module")
def truth(folder: Path) -> sample.Truth:
    return sample.read_truth(folder)


@pytest.fixture(scope="module")
def rows(folder: Path) -> Rows:
    wanted = {table for report in CHECKS for table in load(report).tables}
    return {table: pq.read_table(folder / f"{table}.parquet").to_pylist() for table in wanted}


def period_of(definition: Definition, other: bool) -> str:
    if definition.period == "moment":
        return "2026-03-31" if other else "2026-09-30"
    return "2026-Q1" if other else "2026-09"


@pytest.mark.parametrize("report", sorted(CHECKS))
def test_a_report_equals_an_independent_computation(report: str, folder: Path, rows: Rows, tmp_path: Path) -> None:
    for other in (False, True):
        when, chosen = period_of(load(report), other), CHOSEN.get(report, {}) if other else {}
        found = lines(counted(alone(report), when, folder, tmp_path, chosen))
        expected = CHECKS[report](rows, period(when).since, period(when).until, **chosen)
        assert differences(found, expected) == []
        assert all(line.keys() == found[key].keys() for key, line in expected.items())
        assert len(found) > 2


@pytest.mark.parametrize("report", sorted(CHECKS))
def test_a_definition_is_complete_and_its_sql_is_accepted(report: str) -> None:
    definition = load(report)
    assert check_sql(definition, tables()) == []
    assert definition.id == report
    assert len(definition.checks) >= 3
    assert len({check.kind for check in definition.checks}) >= 3
    assert all((definition.basis, definition.sources, definition.notes, definition.constraints))
    assert {o.dictionary for o in definition.outputs if o.dictionary} <= dictionaries().keys()
    assert len(definition.example) == 2
    assert all(len(line) == len(definition.outputs) for line in definition.example)


@pytest.mark.parametrize(("report", "careful", "careless"), CARELESS)
def test_the_data_tells_a_careless_query_from_the_agreed_one(
    report: str, careful: str, careless: str, folder: Path, rows: Rows, tmp_path: Path
) -> None:
    when = period("2026")
    found = lines(counted(rewritten(report, careful, careless), "2026", folder, tmp_path))
    assert differences(found, CHECKS[report](rows, when.since, when.until))


def test_a_settlement_counts_when_it_was_settled_not_when_it_was_recorded(
    folder: Path, rows: Rows, truth: sample.Truth, tmp_path: Path
) -> None:
    late = set(truth.planted["recorded_late"].keys)
    moment = next(
        s["setl_time"] for s in rows["setl_d"] if s["setl_id"] in late and s["insu_admdvs"].startswith("6201")
    )
    when = period(f"{moment:%Y-%m}")
    expected = a_fund.medical_fund_expenditure(rows, when.since, when.until)
    agreed = lines(counted(alone("medical_fund_expenditure"), when.text, folder, tmp_path))
    other = rewritten(
        "medical_fund_expenditure", "AND setl_time >= :since AND setl_time", "AND crte_time >= :since AND crte_time"
    )
    assert differences(agreed, expected) == []
    assert differences(lines(counted(other, when.text, folder, tmp_path)), expected)


@pytest.mark.parametrize("report", ["employee_payment", "account_allocation"])
def test_a_second_participation_does_not_multiply_payments(
    report: str, folder: Path, rows: Rows, tmp_path: Path
) -> None:
    twice = tmp_path / "twice"
    twice.mkdir()
    for name in load(report).tables:
        (twice / f"{name}.parquet").symlink_to(folder / f"{name}.parquet")
    second = [{**p, "psn_insu_rlts_id": p["psn_insu_rlts_id"] + "-2"} for p in rows["psn_insu_d"]]
    (twice / "psn_insu_d.parquet").unlink()
    schema = pq.read_schema(folder / "psn_insu_d.parquet")
    pq.write_table(pa.Table.from_pylist(rows["psn_insu_d"] + second, schema), twice / "psn_insu_d.parquet")
    found = lines(counted(alone(report), "2026-09", folder, tmp_path))
    careless = rewritten(report, "p.psn_insu_rlts_id = r.psn_insu_rlts_id", "p.psn_no = r.psn_no")
    assert lines(counted(alone(report), "2026-09", twice, tmp_path)) == found
    assert lines(counted(careless, "2026-09", twice, tmp_path)) != found


def test_a_person_with_two_participations_is_one_person_in_a_total(
    folder: Path, rows: Rows, truth: sample.Truth, tmp_path: Path
) -> None:
    found = lines(counted(alone("insured_persons"), "2026-10", folder, tmp_path, {"region": ""}))
    apart = sum(line["psn_cnt"] for (place, insurance), line in found.items() if place and insurance)
    people = {p["psn_no"] for p in rows["psn_insu_d"]}
    assert truth.planted["double_enrolment"].count > 0
    assert found[None, None]["psn_cnt"] + truth.planted["double_enrolment"].count <= apart
    assert found[None, None]["psn_cnt"] <= len(people)


def test_what_employers_owe_is_what_was_planted(folder: Path, truth: sample.Truth, tmp_path: Path) -> None:
    arrears = truth.planted["employer_arrears"]
    assert (
        lines(counted(alone("employer_payments"), "", folder, tmp_path))[None, None, None]["owed_amt"] == arrears.amount
    )
    assert arrears.amount > 0


@pytest.mark.parametrize("report", sorted(CHECKS))
def test_who_may_see_one_district_sees_nobody_else(report: str, folder: Path, tmp_path: Path) -> None:
    definition = load(report)
    scope = Scope(districts=("620102",))
    found = counted(report, period_of(definition, False), folder, tmp_path, scope=scope)
    names = [name for name in ("insu_admdvs",) if name in {o.code for o in definition.outputs}]
    table = pq.read_table(found.data)
    assert table.num_rows > 0
    assert all(set(table[name].to_pylist()) <= {"620102", None} for name in names)
