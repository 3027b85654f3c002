"""The declared source and code tables are whole: what they refer to is there, and personal columns are guarded."""

import re
from pathlib import Path

import pytest

from services.stats.sample.describe import markdown
from services.stats.sources.table import Table, dictionaries, tables

DOC = Path(__file__).parents[3] / "docs" / "stats-tables.md"
GUARD = {
    "psn_no": {"pseudonym"}, "psn_name": {"mask", "drop"}, "certno": {"mask", "drop"}, "tel": {"mask", "drop"},
    "legrep_name": {"mask", "drop"}, "legrep_tel": {"mask", "drop"},
}  # fmt: skip
every = pytest.mark.parametrize("table", tables().values(), ids=lambda t: t.name)


@every
def test_a_table_names_only_columns_that_it_has(table: Table) -> None:
    named = (*table.key, table.dated, table.institution, table.district)
    refund = (table.refund.flag, table.refund.amount) if table.refund else ()
    assert {name for name in (*named, *refund) if name} <= set(table.by_code)


@every
def test_codes_and_chinese_names_are_unique_in_a_table(table: Table) -> None:
    assert len(table.by_code) == len(table.columns)
    assert len({column.name for column in table.columns}) == len(table.columns)


@every
def test_names_are_lower_case_and_patterns_compile(table: Table) -> None:
    for column in table.columns:
        assert re.fullmatch(r"[a-z][a-z0-9_]*", column.code)
        re.compile(column.pattern)


@every
def test_a_key_column_is_required(table: Table) -> None:
    assert [name for name in table.key if not table.by_code[name].required] == []


@every
def test_dictionaries_that_columns_name_exist(table: Table) -> None:
    assert {c.dictionary for c in table.columns if c.dictionary} <= set(dictionaries())


@every
def test_personal_columns_are_guarded(table: Table) -> None:
    for column in table.columns:
        if column.code in GUARD:
            assert column.personal in GUARD[column.code], column.label


@every
def test_what_dates_a_table_is_a_date(table: Table) -> None:
    assert not table.dated or table.by_code[table.dated].type in ("date", "datetime")


@pytest.mark.parametrize("name", dictionaries(), ids=str)
def test_a_dictionary_has_codes_with_names(name: str) -> None:
    codes = dictionaries()[name]
    assert codes
    assert all(code.strip() == code and text.strip() for code, text in codes.items())


def test_the_tables_that_a_bureau_reports_from_are_declared() -> None:
    national = (
        "psn_info_b psn_insu_d psn_insu_chg_c psn_idet_d insu_emp_info_b emp_insu_d emp_clct_detl_d "
        "staf_psn_clct_detl_d rsdt_psn_clct_detl_d acct_inc_detl_d mdtrt_d setl_d fee_list_d out_appy_d "
        "matn_alwn_crtf_d rlts_traf_info_d medins_clr_sum_d clred_fund_sbit_d "
        "fixmedins_b hilist_b fund_ledger setl_list_upload drg_case hospital_ledger"
    )
    assert set(national.split()) <= set(tables())


def test_the_page_of_tables_is_current() -> None:
    told = "run `python -m services.stats.sample.describe > docs/stats-tables.md`"
    assert DOC.read_text("utf-8") == markdown(), told
