"""Generated rows keep to their schemas, and what must add up does; checked by plain Python over the rows."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from services.stats.sample import generate
from services.stats.sample.forms import rows as parquet_rows
from services.stats.sample.months import months_of
from services.stats.sources.table import dictionaries, tables

Row = dict[str, Any]
ARROW = {
    "text": "string", "code": "string", "month": "string", "amount": "decimal128(18, 2)", "ratio": "decimal128(9, 4)",
    "count": "int64", "date": "date32[day]", "datetime": "timestamp[us]",
}  # fmt: skip
OURS = [
    "acct_inc_detl_d", "clred_fund_sbit_d", "drg_case", "emp_clct_detl_d", "emp_insu_d", "fee_list_d", "fixmedins_b",
    "fund_ledger", "hilist_b", "hospital_ledger", "insu_emp_info_b", "matn_alwn_crtf_d", "mdtrt_d", "medins_clr_sum_d",
    "out_appy_d", "psn_idet_d", "psn_info_b", "psn_insu_chg_c", "psn_insu_d", "rlts_traf_info_d",
    "rsdt_psn_clct_detl_d", "setl_d", "setl_list_upload", "staf_psn_clct_detl_d",
]  # fmt: skip
FUNDS = ("hifp_pay", "cvlserv_pay", "hifes_pay", "hifmi_pay", "hifob_pay", "hifdm_pay", "maf_pay", "othfund_pay")
PARTS = ("fulamt_ownpay_amt", "overlmt_selfpay", "preselfpay_amt", "inscp_amt")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    made = tmp_path_factory.mktemp("sample")
    generate(made, seed=3, persons=800, months=months_of("2025-06..2026-07"))
    yield made


def _rows(folder: Path, table: str) -> list[Row]:
    names = [column.code for column in tables()[table].columns]
    return [dict(zip(names, row, strict=True)) for row in parquet_rows(folder / f"{table}.parquet")]


@pytest.mark.parametrize("name", OURS)
def test_a_generated_table_conforms_to_its_schema(folder: Path, name: str) -> None:
    table = tables()[name]
    schema = pq.read_schema(folder / f"{name}.parquet")
    assert [(field.name, str(field.type)) for field in schema] == [(c.code, ARROW[c.type]) for c in table.columns]
    rows = _rows(folder, name)
    assert rows
    for column in table.columns:
        values = {row[column.code] for row in rows}
        assert not (column.required and None in values), column.label
        filled = {str(value) for value in values if value is not None}
        assert not column.dictionary or filled <= set(dictionaries()[column.dictionary]), column.label
        assert all(re.fullmatch(column.pattern, value) for value in filled if column.pattern), column.label
        assert all(len(value) <= column.most for value in filled), column.label
    keys = Counter(tuple(row[name] for name in table.key) for row in rows)
    assert not table.key or max(keys.values()) == 1


def test_a_settlement_is_paid_by_funds_person_and_hospital(folder: Path) -> None:
    for row in _rows(folder, "setl_d"):
        assert row["medfee_sumamt"] == row["fund_pay_sumamt"] + row["psn_pay"] + row["ownpay_hosp_part"]
        assert row["fund_pay_sumamt"] == sum(row[fund] for fund in FUNDS)
        assert row["psn_pay"] == row["acct_pay"] + row["cash_payamt"]
        assert row["medfee_sumamt"] == sum(row[part] for part in PARTS)


def test_no_part_of_a_settlement_has_the_other_sign(folder: Path) -> None:
    amounts = ("psn_pay", "acct_pay", "cash_payamt", "ownpay_hosp_part", "acct_mulaid_pay", *FUNDS, *PARTS)
    for row in _rows(folder, "setl_d"):
        sign = -1 if row["init_setl_id"] else 1
        assert all(row[amount] * sign >= 0 for amount in amounts)
        assert abs(row["acct_mulaid_pay"]) <= abs(row["acct_pay"])


def test_a_refund_takes_back_its_settlement_to_the_fen(folder: Path) -> None:
    rows = {row["setl_id"]: row for row in _rows(folder, "setl_d")}
    back = [row for row in rows.values() if row["init_setl_id"]]
    assert back
    for row in back:
        first = rows[row["init_setl_id"]]
        assert (first["refd_setl_flag"], row["refd_setl_flag"]) == ("1", "1")
        assert [row[fund] + first[fund] for fund in FUNDS] == [0] * len(FUNDS)
        assert row["medfee_sumamt"] == -first["medfee_sumamt"] < 0


def test_the_lines_of_a_bill_add_up_to_the_settlement(folder: Path) -> None:
    sums: dict[str, Counter[str]] = defaultdict(Counter)
    for line in _rows(folder, "fee_list_d"):
        assert line["det_item_fee_sumamt"] == (line["cnt"] * line["pric"]).quantize(Decimal("0.01"))
        assert line["det_item_fee_sumamt"] == sum(line[part] for part in PARTS)
        sums[line["setl_id"]].update({part: line[part] for part in PARTS})
    for row in _rows(folder, "setl_d"):
        if not row["init_setl_id"]:
            assert {part: row[part] for part in PARTS} == dict(sums.pop(row["setl_id"]))
    assert not sums


def test_rows_that_refer_to_others_find_them(folder: Path) -> None:
    visits = {row["mdtrt_id"]: row for row in _rows(folder, "mdtrt_d")}
    persons = {row["psn_no"] for row in _rows(folder, "psn_info_b")}
    insured = {row["psn_insu_rlts_id"]: row for row in _rows(folder, "psn_insu_d")}
    places = {row["fixmedins_code"] for row in _rows(folder, "fixmedins_b")}
    for row in _rows(folder, "setl_d"):
        visit = visits[row["mdtrt_id"]]
        assert (row["psn_no"], row["fixmedins_code"], row["med_type"]) == (
            visit["psn_no"],
            visit["fixmedins_code"],
            visit["med_type"],
        )
        assert row["psn_no"] in persons
        assert row["fixmedins_code"] in places
    for name in ("staf_psn_clct_detl_d", "rsdt_psn_clct_detl_d", "matn_alwn_crtf_d", "out_appy_d"):
        for row in _rows(folder, name):
            insurance = insured[row["psn_insu_rlts_id"]]
            assert (row["psn_no"], row["insutype"]) == (insurance["psn_no"], insurance["insutype"])


def test_an_employers_month_is_the_sum_of_its_staff(folder: Path) -> None:
    staff: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
    for row in _rows(folder, "staf_psn_clct_detl_d"):
        if row["emp_no"] and row["clct_sumamt"] >= 0 and row["clct_type"] == "10":
            staff[row["emp_no"], row["insutype"], row["accrym_begn"]].append(row)
    assessed = [r for r in _rows(folder, "emp_clct_detl_d") if r["revs_flag"] == "Z" and r["clct_type"] == "10"]
    assert len(assessed) == len(staff)
    for row in assessed:
        paid = staff[row["emp_no"], row["insutype"], row["accrym_begn"]]
        assert row["clct_psncnt"] == len(paid)
        assert row["emp_clct_amt"] == sum(p["emp_clct_amt"] for p in paid)
        assert row["psn_clct_amt"] == sum(p["psn_clct_amt"] for p in paid)
        assert row["amt"] == row["emp_clct_amt"] + row["psn_clct_amt"] + row["oth_clct_amt"]
        assert {p["clct_flag"] for p in paid} == {row["clct_flag"]}


@pytest.mark.parametrize("name", ["staf_psn_clct_detl_d", "rsdt_psn_clct_detl_d"])
def test_what_has_arrived_has_a_time_and_nothing_else_has(folder: Path, name: str) -> None:
    rows = _rows(folder, name)
    assert {row["clct_flag"] for row in rows} == {"0", "1"}
    assert all((row["clct_flag"] == "1") == (row["clct_time"] is not None) for row in rows)


def test_a_clearing_is_the_sum_of_its_settlements_and_of_its_funds(folder: Path) -> None:
    settled: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in _rows(folder, "setl_d"):
        if row["vali_flag"] == "1" and row["refd_setl_flag"] == "0" and row["pay_loc"] != "1":
            month = row["setl_time"].strftime("%Y-%m")
            settled[row["fixmedins_code"], row["insutype"], row["clr_type"], month].append(row)
    funds: Counter[str] = Counter()
    for row in _rows(folder, "clred_fund_sbit_d"):
        funds[row["fee_clr_id"]] += row["fund_payamt"]
    sums = _rows(folder, "medins_clr_sum_d")
    assert len(sums) == len(settled)
    for row in sums:
        rows = settled[row["fixmedins_code"], row["insutype"], row["clr_type"], row["clr_ym"]]
        assert (row["psntime"], row["medfee_sumamt"]) == (len(rows), sum(r["medfee_sumamt"] for r in rows))
        assert row["fund_appy_sum"] == sum(r["fund_pay_sumamt"] for r in rows) == funds[row["fee_clr_id"]]
        if row["clr_stas"] == "60":
            assert row["fund_appy_sum"] == row["act_dfr_amt"] + row["dpst_sumamt"] + row["dedu_amt"]


def test_the_finance_ledger_runs_from_balance_to_balance(folder: Path) -> None:
    last: dict[str, Decimal] = {}
    for row in sorted(_rows(folder, "fund_ledger"), key=lambda r: (r["fund"], r["month"])):
        assert row["closing_balance"] == row["opening_balance"] + row["income"] - row["expenditure"]
        assert last.get(row["fund"], row["opening_balance"]) == row["opening_balance"]
        last[row["fund"]] = row["closing_balance"]


def test_uploads_only_grow_and_never_exceed_what_is_due(folder: Path) -> None:
    days: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in _rows(folder, "setl_list_upload"):
        days[row["fixmedins_code"], row["setl_month"]].append(row)
        assert row["grp_cnt"] <= row["qltctrl_pass_cnt"] <= row["upld_cnt"] <= row["need_upld_cnt"]
    for rows in days.values():
        counts = [row["upld_cnt"] for row in sorted(rows, key=lambda r: r["stt_date"])]
        assert counts == sorted(counts)


def test_every_kind_of_treatment_and_place_occurs(folder: Path) -> None:
    rows = _rows(folder, "setl_d")
    assert {"11", "12", "13", "14", "21", "22", "24", "28", "41", "51", "9901"} <= {row["med_type"] for row in rows}
    assert {row["pay_loc"] for row in rows} == {"1", "2", "3", "4"}
    assert {"310", "340", "390", "510"} <= {row["insutype"] for row in rows}
    assert {code[0] for code in (row["fixmedins_code"] for row in rows)} == {"H", "P"}


def test_identifiers_are_such_as_nobody_has(folder: Path) -> None:
    for row in _rows(folder, "psn_info_b"):
        assert row["certno"].startswith("99")
        assert row["tel"].startswith("100")
        assert "样" in row["psn_name"]
