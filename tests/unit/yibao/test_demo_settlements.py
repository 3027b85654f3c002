"""The generated sheet is reproducible, fits the report's definition, and has exactly the bad rows it names."""

import csv
import io
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from services.stats.sources.ingest.reading import read
from services.stats.sources.table import tables
from yibao.demo.settlements import COLUMNS, Row, sheet

LEDGER = tables()["hospital_ledger"]
MONTH = datetime(2026, 10, 15, tzinfo=UTC)


def rows(data: bytes) -> list[Row]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))


def test_the_same_seed_gives_the_same_bytes() -> None:
    assert sheet(7, MONTH) == sheet(7, MONTH)
    assert sheet(7, MONTH).data != sheet(8, MONTH).data


def test_every_required_column_is_there() -> None:
    assert {c.code for c in LEDGER.columns if c.required} <= set(COLUMNS)


def test_as_many_rows_as_named_cannot_be_counted(tmp_path: Path) -> None:
    made, source = sheet(7, MONTH), tmp_path / "sheet.csv"
    source.write_bytes(made.data)
    found = read(source, source.name, LEDGER, tmp_path, key=b"k" * 32, memory_mb=512, progress=lambda share: None)
    assert (found.rows_in, found.rows_rejected) == (made.rows, made.bad) == (2_000, 12)


def test_amounts_add_up_and_a_refund_is_the_negative_of_its_settlement() -> None:
    good = rows(sheet(7, MONTH, bad=0).data)
    for row in good:
        parts = sum(Decimal(row[c]) for c in ("fund_pay_sumamt", "acct_pay", "cash_payamt"))
        assert Decimal(row["medfee_sumamt"]) == parts
    refunds = [row for row in good if row["refd_setl_flag"] == "1"]
    paid = {row["setl_id"]: row for row in good if row["refd_setl_flag"] == "0"}
    assert refunds
    assert all(Decimal(r["medfee_sumamt"]) == -Decimal(paid[r["setl_id"]]["medfee_sumamt"]) for r in refunds)
