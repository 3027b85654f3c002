"""One seed gives the same bytes; generated tables become the files that people upload; the command is in Chinese."""

import csv
import io
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import openpyxl
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.stats.sample import FORMS, as_files, generate, large
from services.stats.sample.__main__ import main
from services.stats.sample.forms import Form
from services.stats.sample.forms import rows as parquet_rows
from services.stats.sample.months import months_of
from services.stats.sources.table import tables

FEW = months_of("2026-01..2026-02")


def _hashes(folder: Path) -> dict[str, str]:
    return {path.name: sha256(path.read_bytes()).hexdigest() for path in folder.iterdir() if path.is_file()}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("sample")
    generate(made, seed=5, persons=200, months=FEW)
    return made


def test_the_same_seed_gives_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    generate(tmp_path, seed=5, persons=200, months=FEW)
    assert _hashes(tmp_path) == _hashes(folder)


def test_another_seed_gives_other_settlements(folder: Path, tmp_path: Path) -> None:
    generate(tmp_path, seed=6, persons=200, months=FEW)
    assert _hashes(tmp_path)["setl_d.parquet"] != _hashes(folder)["setl_d.parquet"]


def test_too_few_persons_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="too few"):
        generate(tmp_path, seed=1, persons=199, months=FEW)


@pytest.mark.parametrize("form", [form for form in FORMS if form not in ("xlsx", "zip")])
def test_a_csv_in_any_encoding_has_every_row(folder: Path, tmp_path: Path, form: Form) -> None:
    [path] = as_files(folder, tmp_path, form, only=("psn_info_b",), chinese=True)
    with path.open(encoding=form, newline="") as file:
        header, *rows = csv.reader(file)
    assert header == [column.name for column in tables()["psn_info_b"].columns]
    assert rows[0] == ["" if v is None else str(v) for v in next(parquet_rows(folder / "psn_info_b.parquet"))]
    assert len(rows) == 200


def test_only_utf_8_sig_begins_with_a_mark(folder: Path, tmp_path: Path) -> None:
    marked = as_files(folder, tmp_path / "a", "utf-8-sig", only=("hilist_b",))
    plain = as_files(folder, tmp_path / "b", "utf-8", only=("hilist_b",))
    assert marked[0].read_bytes() == b"\xef\xbb\xbf" + plain[0].read_bytes()


def test_a_workbook_has_codes_as_text_and_every_row(folder: Path, tmp_path: Path) -> None:
    [path] = as_files(folder, tmp_path, "xlsx", only=("fixmedins_b",))
    header, first, *rest = openpyxl.load_workbook(path, read_only=True).worksheets[0].iter_rows(values_only=True)
    assert header == tuple(column.code for column in tables()["fixmedins_b"].columns)
    assert str(first[0])[0] in "HP"
    assert len(rest) + 1 == len(list(parquet_rows(folder / "fixmedins_b.parquet")))


def test_a_zip_holds_one_csv_with_times_to_the_second(folder: Path, tmp_path: Path) -> None:
    [path] = as_files(folder, tmp_path, "zip", only=("setl_d",))
    with ZipFile(path) as archive:
        assert archive.namelist() == ["setl_d.csv"]
        rows = list(csv.DictReader(io.StringIO(archive.read("setl_d.csv").decode("utf-8"))))
    assert len(rows) == pq.read_metadata(folder / "setl_d.parquet").num_rows
    assert len(rows[0]["setl_time"]) == len("2026-01-01 00:00:00")


@pytest.mark.parametrize("form", ["utf-8", "xlsx", "zip"])
def test_a_file_written_again_has_the_same_bytes(folder: Path, tmp_path: Path, form: Form) -> None:
    for name in "ab":
        as_files(folder, tmp_path / name, form, only=("drg_case",))
    assert _hashes(tmp_path / "a") == _hashes(tmp_path / "b")


def test_large_writes_the_rows_asked_for_and_they_add_up(tmp_path: Path) -> None:
    paths = large(tmp_path, 30_000, seed=2)
    codes = [column.code for column in tables()["setl_d"].columns]
    rows: list[dict[str, Any]] = [dict(zip(codes, row, strict=True)) for path in paths for row in parquet_rows(path)]
    assert len({row["setl_id"] for row in rows}) == len(rows) == 30_000
    assert sum(r["medfee_sumamt"] for r in rows if r["refd_setl_flag"] == "1") == Decimal(0)
    for row in rows:
        assert row["medfee_sumamt"] == row["fund_pay_sumamt"] + row["acct_pay"] + row["cash_payamt"]
        assert row["fund_pay_sumamt"] == row["hifp_pay"] + row["hifob_pay"] + row["hifmi_pay"]


def test_large_writes_parts_that_join_without_a_seam(tmp_path: Path) -> None:
    [whole] = large(tmp_path / "whole", 3_000, seed=2)
    parts = large(tmp_path / "parts", 3_000, seed=2, part=1_000)
    assert len(parts) == 3
    assert [row for part in parts for row in parquet_rows(part)] == list(parquet_rows(whole))


def test_the_command_generates_and_says_what_it_planted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["--out", str(tmp_path), "--persons", "200", "--months", "2026-01..2026-01", "--form", "gbk"]
    assert main(asked) == 0
    said = capsys.readouterr().out
    assert "double_settlement\t3 处" in said
    assert (tmp_path / "files" / "setl_d.csv").read_bytes().decode("gbk").startswith("setl_id,")


def test_the_help_is_in_chinese(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    assert "同一种子每次结果完全相同" in capsys.readouterr().out


@given(st.integers(2000 * 12, 2090 * 12), st.integers(0, 60))
def test_months_between_two_are_consecutive_and_hold_both(first: int, more: int) -> None:
    def name(number: int) -> str:
        return f"{number // 12}-{number % 12 + 1:02}"

    months = months_of(f"{name(first)}..{name(first + more)}")
    assert (months[0], months[-1], len(months)) == (name(first), name(first + more), more + 1)
    assert sorted(months) == list(months)


@pytest.mark.parametrize("text", ["2026-01", "2026-13..2026-14", "2026-05..2026-04", "2026-00..2026-01"])
def test_months_badly_written_are_refused(text: str) -> None:
    with pytest.raises(Exception, match="月"):
        months_of(text)
