"""What was planted in generated data is found again by plain Python over its rows, and nothing else of the kind is."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from decimal import Decimal
from functools import cache
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from services.stats.sample import Truth, generate, read_truth
from services.stats.sample.forms import rows as parquet_rows
from services.stats.sample.months import months_of
from services.stats.sources.table import tables

Row = dict[str, Any]
Found = tuple[set[str], Decimal]
MONTHS = months_of("2025-01..2026-03")


class Rows:
    """The rows of each generated table as dicts, read once."""

    def __init__(self, folder: Path, truth: Truth) -> None:
        self.folder, self.truth = folder, truth
        self.of = cache(self._read)

    def _read(self, table: str) -> list[Row]:
        names = [column.code for column in tables()[table].columns]
        return [dict(zip(names, row, strict=True)) for row in parquet_rows(self.folder / f"{table}.parquet")]

    def by(self, table: str, *columns: str) -> Mapping[Any, list[Row]]:
        grouped: dict[Any, list[Row]] = defaultdict(list)
        for row in self.of(table):
            grouped[tuple(row[c] for c in columns) if len(columns) > 1 else row[columns[0]]].append(row)
        return grouped


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rows]:
    folder = tmp_path_factory.mktemp("sample")
    yield Rows(folder, generate(folder, seed=7, persons=1200, months=MONTHS))


def _sum(rows: list[Row], column: str) -> Decimal:
    return sum((row[column] for row in rows), Decimal(0))


def _settlements(found: list[Row]) -> Found:
    return {row["setl_id"] for row in found}, _sum(found, "medfee_sumamt")


def _lines(found: list[Row], amount: Callable[[Row], Decimal]) -> Found:
    keys = {f"{row['setl_id']}-{row['feedetl_sn']}" for row in found}
    return keys, sum((amount(row).quantize(Decimal("0.01")) for row in found), Decimal(0))


def double_settlement(s: Rows) -> Found:
    visits = [sorted(v, key=lambda r: r["setl_time"]) for v in s.by("setl_d", "mdtrt_id").values()]
    return _settlements([row for visit in visits for row in visit[1:] if row["refd_setl_flag"] == "0"])


def doubled_institution(s: Rows) -> Found:
    """Of the same peer group, kind of visit for kind of visit: outpatients and stays, both dearer than anybody's."""
    group = {r["fixmedins_code"]: r["medinslv"] for r in s.of("fixmedins_b")}
    stays = [r for r in s.of("setl_d") if r["med_type"] == "21" and group[r["fixmedins_code"]] == "2"]
    costs: dict[str, list[Decimal]] = defaultdict(list)
    for row in stays:
        costs[row["fixmedins_code"]].append(row["medfee_sumamt"])
    typical = Decimal(median(sum(c, Decimal(0)) / len(c) for c in costs.values()))
    found = {code for code, c in costs.items() if sum(c) / len(c) > typical * Decimal("1.5")}
    return found, _sum([r for r in s.of("setl_d") if r["fixmedins_code"] in found], "medfee_sumamt")


def invalid_settlement(s: Rows) -> Found:
    return _settlements([row for row in s.of("setl_d") if row["vali_flag"] == "0"])


def refunded_settlement(s: Rows) -> Found:
    back = {row["init_setl_id"] for row in s.of("setl_d") if row["medfee_sumamt"] < 0}
    return _settlements([row for row in s.of("setl_d") if row["setl_id"] in back])


def recorded_late(s: Rows) -> Found:
    late = timedelta(days=30)
    return _settlements([row for row in s.of("setl_d") if row["crte_time"] - row["setl_time"] > late])


def overlapping_stay(s: Rows) -> Found:
    found = []
    for stays in s.by("mdtrt_d", "psn_no").values():
        nights = sorted((r for r in stays if r["ipt_days"]), key=lambda r: (r["begntime"], r["mdtrt_id"]))
        found += [b["mdtrt_id"] for a, b in pairwise(nights) if b["begntime"] < a["endtime"]]
    return _settlements([row for row in s.of("setl_d") if row["mdtrt_id"] in found])


def settled_while_paused(s: Rows) -> Found:
    insured = s.by("psn_insu_d", "psn_no", "insutype")

    def paused(row: Row) -> bool:
        spans = insured[row["psn_no"], row["insutype"]]
        day = row["enddate"]
        return not any(i["paus_insu_date"] is None or i["paus_insu_date"] >= day for i in spans)

    return _settlements([row for row in s.of("setl_d") if paused(row)])


def double_enrolment(s: Rows) -> Found:
    active = defaultdict(set)
    for row in s.of("psn_insu_d"):
        if row["psn_insu_stas"] == "1":
            active[row["psn_no"]].add(row["insutype"])
    return {person for person, kinds in active.items() if {"310", "390"} <= kinds}, Decimal(0)


def employer_arrears(s: Rows) -> Found:
    unpaid = [r for r in s.of("emp_clct_detl_d") if r["clct_flag"] == "0" and r["revs_flag"] == "Z"]
    return {row["emp_clct_detl_id"] for row in unpaid}, _sum(unpaid, "amt")


def reversed_payment(s: Rows) -> Found:
    back = [r for r in s.of("staf_psn_clct_detl_d") if r["clct_sumamt"] < 0]
    assert {r["revs_flag"] for r in back} == {"F"}
    assert sum(r["clct_sumamt"] for r in s.of("staf_psn_clct_detl_d") if r["revs_flag"] == "F") == 0
    return {row["psn_clct_detl_id"] for row in back}, _sum(back, "clct_sumamt")


def negative_payment(s: Rows) -> Found:
    found = [r for r in s.of("rsdt_psn_clct_detl_d") if r["psn_clct_amt"] < 0]
    return {row["psn_clct_detl_id"] for row in found}, _sum(found, "psn_clct_amt")


def price_over_limit(s: Rows) -> Found:
    found = [r for r in s.of("fee_list_d") if r["pric"] > r["pric_uplmt_amt"]]
    return _lines(found, lambda r: r["cnt"] * (r["pric"] - r["pric_uplmt_amt"]))


def expired_item(s: Rows) -> Found:
    ends = {r["hilist_code"]: r["enddate"] for r in s.of("hilist_b") if r["enddate"]}
    used = [r for r in s.of("fee_list_d") if r["hilist_code"] in ends]
    return _lines(
        [r for r in used if r["fee_ocur_time"].date() > ends[r["hilist_code"]]], lambda r: r["det_item_fee_sumamt"]
    )


def unknown_item(s: Rows) -> Found:
    known = {r["hilist_code"] for r in s.of("hilist_b")}
    return _lines([r for r in s.of("fee_list_d") if r["hilist_code"] not in known], lambda r: r["det_item_fee_sumamt"])


def catalogue_over_limit(s: Rows) -> Found:
    found = [r for r in s.of("hilist_b") if r["hilist_pric"] > r["lmtpric"]]
    return {r["hilist_code"] for r in found}, _sum(found, "hilist_pric") - _sum(found, "lmtpric")


def clearing_not_paid(s: Rows) -> Found:
    found = [r for r in s.of("medins_clr_sum_d") if r["clr_stas"] != "60" and r["clr_ym"] < MONTHS[-2]]
    return {r["fee_clr_id"] for r in found}, _sum(found, "fund_appy_sum")


def list_not_uploaded(s: Rows) -> Found:
    last = [
        max(r, key=lambda x: x["stt_date"]) for r in s.by("setl_list_upload", "fixmedins_code", "setl_month").values()
    ]
    found = [r for r in last if r["upld_cnt"] < r["need_upld_cnt"]]
    missing = sum(r["need_upld_cnt"] - r["upld_cnt"] for r in found)
    return {f"{r['fixmedins_code']} {r['setl_month']}" for r in found}, Decimal(missing)


FINDERS: tuple[Callable[[Rows], Found], ...] = (
    double_settlement, doubled_institution, invalid_settlement, refunded_settlement, recorded_late, overlapping_stay,
    settled_while_paused, double_enrolment, employer_arrears, reversed_payment, negative_payment, price_over_limit,
    expired_item, unknown_item, catalogue_over_limit, clearing_not_paid, list_not_uploaded,
)  # fmt: skip


@pytest.mark.parametrize("finder", FINDERS, ids=lambda f: f.__name__)
def test_what_was_planted_is_all_that_plain_python_finds(sample: Rows, finder: Callable[[Rows], Found]) -> None:
    planted = sample.truth.planted[finder.__name__]
    keys, amount = finder(sample)
    assert keys == set(planted.keys)
    assert (len(keys), amount) == (planted.count, planted.amount)


def test_every_kind_in_the_truth_has_a_finder_and_rows(sample: Rows) -> None:
    assert set(sample.truth.planted) == {finder.__name__ for finder in FINDERS}
    assert all(kind.count for kind in sample.truth.planted.values())
    assert all(sample.of(kind.table) for kind in sample.truth.planted.values())


def test_the_truth_is_read_back_as_it_was_returned(sample: Rows) -> None:
    assert read_truth(sample.folder) == sample.truth
    assert sample.truth.rows["setl_d"] == len(sample.of("setl_d"))


def test_peer_groups_are_large_enough_but_for_one(sample: Rows) -> None:
    local = [r for r in sample.of("fixmedins_b") if r["medinslv"] and r["fixmedins_type"] == "1"]
    peers = Counter(r["medinslv"] for r in local)
    assert len(local) >= 24
    assert sorted(peers) == ["1", "2", "3", "4"]
    assert [group for group, n in peers.items() if n < 5] == ["4"]


def test_a_year_later_there_is_more_to_settle(sample: Rows) -> None:
    months = Counter(r["setl_time"].strftime("%Y-%m") for r in sample.of("setl_d"))
    assert months["2026-01"] > months["2025-01"]
    assert months["2026-03"] > months["2025-03"]
    assert months["2025-02"] < months["2025-01"]
