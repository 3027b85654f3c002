"""Ledgers with planted differences: each is found, in its class, once, and nothing else."""

from collections import Counter
from decimal import Decimal
from pathlib import Path
from zipfile import ZipFile

import duckdb
import openpyxl
import pytest

from services.stats.problem import Problem
from services.stats.reconcile import layout, writing
from services.stats.reconcile.classes import NAMES, VARIANT, VARIANTS, Classes
from services.stats.reconcile.comparing import Compared, compare
from services.stats.reconcile.ledgers import Asked
from services.stats.reconcile.sample import INSTITUTION, Truth, ledgers

PLANTED = {1: 31, 2: 29, 3: 30, 4: 27, 5: 14, 6: 16, 7: 33, 8: 18, 9: 11}
ROWS = 30_000


@pytest.fixture(scope="module")
def truth(tmp_path_factory: pytest.TempPathFactory) -> Truth:
    return ledgers(tmp_path_factory.mktemp("ledgers"), ROWS, seed=7, planted=PLANTED)


@pytest.fixture(scope="module")
def compared(truth: Truth, tmp_path_factory: pytest.TempPathFactory) -> Compared:
    return compare(asked(truth), tmp_path_factory.mktemp("out"))


def asked(truth: Truth, **changes: object) -> Asked:
    facts = {
        "hospital": (truth.hospital,), "centre": (truth.centre,), "unsuccessful": (truth.unsuccessful,),
        "since": truth.since, "until": truth.until, "institution": INSTITUTION,
    }  # fmt: skip
    return Asked(**{**facts, **changes})  # type: ignore[arg-type]


def query(sql: str) -> list[tuple[object, ...]]:
    with duckdb.connect() as con:
        return con.execute(sql).fetchall()


def found(path: Path) -> Counter[tuple[object, ...]]:
    return Counter(query(f"SELECT class, variant, coalesce(c_msgid, h_msgid) FROM '{path}'"))


def planted(truth: Truth) -> Counter[tuple[object, ...]]:
    return Counter(query(f"SELECT class, variant, msgid FROM '{truth.planted}'"))


def test_exactly_the_planted_differences_are_found(truth: Truth, compared: Compared) -> None:
    assert found(compared.differences) == planted(truth)
    assert {t.of: t.count for t in compared.tallies} == PLANTED


def test_every_variant_is_planted_and_explained(truth: Truth, compared: Compared) -> None:
    assert {variant for _, variant, _ in planted(truth)} == set(VARIANT)
    assert {v.of for v in VARIANTS} == set(NAMES) == set(Classes)
    unexplained = f"SELECT count(*) FROM '{compared.differences}' WHERE why IS NULL OR next IS NULL OR result IS NULL"
    assert query(unexplained) == [(0,)]


def test_the_differences_add_up_to_the_difference_of_the_totals(compared: Compared) -> None:
    assert not compared.balanced
    assert compared.unexplained == (Decimal(0),) * 3


def test_every_difference_has_an_id_of_its_own(compared: Compared) -> None:
    [(rows, ids)] = query(f"SELECT count(*), count(DISTINCT id) FROM '{compared.differences}'")
    assert rows == ids == sum(PLANTED.values())


def test_in_another_order_the_same_bytes_come_out(truth: Truth, compared: Compared, tmp_path: Path) -> None:
    for name in ("hospital", "centre"):
        shuffle = f"FROM '{getattr(truth, name)}' ORDER BY hash(psn_no, msgid, setl_time)"
        query(f"COPY ({shuffle}) TO '{tmp_path}/{name}.parquet'")
    shuffled = asked(truth, hospital=(tmp_path / "hospital.parquet",), centre=(tmp_path / "centre.parquet",), threads=1)
    assert compare(shuffled, tmp_path / "out").sha256 == compared.sha256


def test_the_other_way_round_the_classes_are_mirrored(truth: Truth, tmp_path: Path) -> None:
    mirrored = compare(asked(truth, hospital=(truth.centre,), centre=(truth.hospital,)), tmp_path)
    counts = {t.of: t.count for t in mirrored.tallies}
    assert counts[1] >= PLANTED[2] and counts[3] == PLANTED[3] and counts[5] == PLANTED[5]


def test_ledgers_without_differences_agree(tmp_path: Path) -> None:
    truth = ledgers(tmp_path, 5_000, seed=3, planted={})
    compared = compare(asked(truth, unsuccessful=()), tmp_path / "out")
    assert (compared.count, compared.balanced) == (0, True)


def test_totals_agree_while_details_do_not(truth: Truth, tmp_path: Path) -> None:
    # One fen more here and one fen less there: only the details tell.
    first = "(SELECT min(setl_id) FROM '{h}' WHERE insutype = '310' AND clr_type = '11' AND setl_optins = '620102')"
    last = first.replace("min", "max")
    cents = f"CASE setl_id WHEN {first} THEN 0.01 WHEN {last} THEN -0.01 ELSE 0 END".format(h=truth.hospital)
    other = tmp_path / "other.parquet"
    query(f"COPY (SELECT * REPLACE (acct_pay + {cents} AS acct_pay) FROM '{truth.hospital}') TO '{other}'")
    wish = asked(truth, hospital=(truth.hospital,), centre=(other,), unsuccessful=())
    balanced = compare(wish, tmp_path / "all")
    assert balanced.balanced and [t.count for t in balanced.tallies if t.of == 3] == [2]
    only = compare(asked(truth, centre=(other,), unsuccessful=(), only_unbalanced=True), tmp_path / "unbalanced")
    assert not [t for t in only.tallies if t.of == 3]


def test_totals_without_refunds_leave_both_rows_out(truth: Truth, tmp_path: Path) -> None:
    wish = asked(truth, centre=(truth.hospital,), unsuccessful=(), refunds=False)
    sums = compare(wish, tmp_path).totals
    [(count,)] = query(
        f"SELECT count(*) FROM '{truth.hospital}' WHERE setl_time >= DATE '{truth.since}' AND setl_time < DATE "
        f"'{truth.until}' AND medfee_sumamt >= 0"
    )
    assert sum(t.hospital.count for t in sums) == count


def test_a_ledger_without_a_needed_column_says_which(truth: Truth, tmp_path: Path) -> None:
    query(f"COPY (SELECT * EXCLUDE (setl_time, clr_type) FROM '{truth.centre}') TO '{tmp_path}/short.parquet'")
    with pytest.raises(Problem, match="中心账缺少列 clr_type、setl_time"):
        compare(asked(truth, centre=(tmp_path / "short.parquet",)), tmp_path / "out")
    with pytest.raises(Problem, match="没有医院账的数据"):
        compare(asked(truth, hospital=()), tmp_path / "out")


def test_a_file_that_is_no_parquet_is_a_problem_without_its_contents(truth: Truth, tmp_path: Path) -> None:
    (tmp_path / "x.parquet").write_text("张三,110101199001011234")
    with pytest.raises(Problem, match="读不出来") as refused:
        compare(asked(truth, centre=(tmp_path / "x.parquet",)), tmp_path / "out")
    assert "1101" not in str(refused.value)


def test_an_institution_without_any_rows_is_not_in_agreement(truth: Truth, tmp_path: Path) -> None:
    with pytest.raises(Problem, match="医院账和中心账没有 H62010000002"):
        compare(asked(truth, institution="H62010000002"), tmp_path)


def test_the_upload_has_seven_columns_and_every_row_of_the_days(
    truth: Truth, compared: Compared, tmp_path: Path
) -> None:
    rows = layout.write_upload(asked(truth), tmp_path / "upload.zip")
    with ZipFile(tmp_path / "upload.zip") as packed:
        lines = packed.read("details.txt").decode().splitlines()
    assert rows == len(lines) == sum(t.hospital.count for t in compared.totals)
    assert {len(line.split("\t")) for line in lines} == {7}
    assert "null" not in lines[0].split("\t")[0] and '"' not in "".join(lines)


def test_the_result_file_comes_back_as_it_was_written(compared: Compared, tmp_path: Path) -> None:
    written = layout.write_result(compared.differences, tmp_path / "result.zip")
    read = layout.read_result(tmp_path / "result.zip", tmp_path / "result.parquet", lambda number: f"*{number}")
    assert written == read == sum(PLANTED.values()) + PLANTED[6]  # under another group: one row for each side
    [(different,)] = query(f"SELECT count(*) FROM '{tmp_path}/result.parquet' WHERE stmt_rslt = '3'")
    assert different == PLANTED[3] + PLANTED[4] // 3
    assert query(f"SELECT count(*) FROM '{tmp_path}/result.parquet' WHERE psn_no NOT LIKE '*%'") == [(0,)]


def test_the_same_differences_are_the_same_files(truth: Truth, compared: Compared, tmp_path: Path) -> None:
    for name in ("a", "b"):
        layout.write_result(compared.differences, tmp_path / f"{name}.zip")
        writing.write(tmp_path / f"{name}.xlsx", asked(truth), compared)
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("P\tM\tS\tG\t1\t0\t备注\t1.00\t0.00", "第 1 行有 9 列"),
        ("P\tM\tS\tG\t1\t0\t备注\t张三\t0.00\t0.00", "金额不是"),
        ("P\tM\tS\tG\t1\t0\t备注\t1.005\t0.00\t0.00", "金额不是"),
    ],
)
def test_a_result_file_of_another_form_says_which_line(text: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "r.txt").write_text(text, "utf-8")
    with pytest.raises(Problem, match=told) as refused:
        layout.read_result(tmp_path / "r.txt", tmp_path / "r.parquet", str)
    assert "张三" not in str(refused.value)


def test_a_result_file_of_a_newer_edition_has_a_column_more(tmp_path: Path) -> None:
    (tmp_path / "r.txt").write_text("﻿P\tnull\tnull\tG\t1\t0\tnull\t-1.00\t0.00\t0\t{}\n\n", "utf-8")
    assert layout.read_result(tmp_path / "r.txt", tmp_path / "r.parquet", str) == 1
    assert query(f"SELECT mdtrt_id, msgid, medfee_sumamt FROM '{tmp_path}/r.parquet'") == [
        (None, "G", Decimal("-1.00"))
    ]


def test_a_result_file_in_another_encoding_or_a_broken_zip_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "r.txt").write_bytes("P\t备注".encode("gb18030"))
    with pytest.raises(Problem, match="UTF-8"):
        layout.read_result(tmp_path / "r.txt", tmp_path / "r.parquet", str)
    (tmp_path / "r.zip").write_bytes(b"PK\x03\x04 broken")
    with pytest.raises(Problem, match="损坏"):
        layout.read_result(tmp_path / "r.zip", tmp_path / "r.parquet", str)


def test_the_workbook_has_totals_classes_and_signatures(truth: Truth, compared: Compared, tmp_path: Path) -> None:
    writing.write(tmp_path / "r.xlsx", asked(truth), compared)
    book = openpyxl.load_workbook(tmp_path / "r.xlsx", read_only=True)
    assert book.sheetnames == ["总账", "差异汇总", *(f"{k} {NAMES[k]}" for k in Classes), "处理办法"]
    text = "\n".join(str(cell) for row in book["总账"].iter_rows(values_only=True) for cell in row if cell)
    assert "不平" in text and "医疗机构负责人" in text and compared.sha256 in text
    assert len(list(book["3 金额不一致"].iter_rows())) == PLANTED[3] + 1
