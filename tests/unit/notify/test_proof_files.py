"""The proof of delivery: a file says what it was made of, and where it differs from what the stream tells."""

import csv
from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.alerts.model import Delivery
from services.notify.proof.files import WRITERS, FileFormat, escaped, unescaped
from services.notify.proof.ledger import percentile
from services.notify.proof.reading import Unreadable, read
from services.notify.proof.row import HEAD, Line, Seal, line, masked, plain
from services.notify.proof.said import Heard
from services.notify.proof.witness import Witness

NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
ALERT = UUID(int=1)
KEY = bytes(range(32))
FORMATS: tuple[FileFormat, ...] = ("csv", "xlsx", "ndjson")


def delivered(n: int = 0, title: str = "超时: 工单 YB-1", **more: Any) -> Line:
    facts = {"recipient": "staff:wang", "provider": "sms", "queued_at": NOON, "state": "delivered",
             "sent_at": NOON + timedelta(seconds=1.5), **more}  # fmt: skip
    delivery = Delivery(**facts)
    stored = {name: value for name in delivery.__struct_fields__ if (value := getattr(delivery, name)) is not None}
    about = {"rule": "breach", "urgency": "urgent", "title": title, "number": "YB-1"}
    return line({"_id": ALERT, "n": n, "state": {**about, "deliveries": stored}})


async def exported(
    path: Path, lines: Iterable[Line], format: FileFormat, filters: dict[str, str] | None = None
) -> Path:
    async def one_by_one() -> AsyncIterator[Line]:
        for one in lines:
            yield one

    path = path / f"proof.{format}"
    blocks = [block async for block in WRITERS[format](one_by_one(), Seal(filters or {}, KEY))]
    path.write_bytes(b"".join(blocks))
    return path


LINES = [delivered(0), delivered(1, '=HYPERLINK("http://x")', reason="'@SUM(1)\r\n\t-1"), delivered(2, "  \x00“,”;|")]


@pytest.mark.parametrize("format", FORMATS)
async def test_a_file_is_read_back_as_it_was_exported(tmp_path: Path, format: FileFormat) -> None:
    proof = read(await exported(tmp_path, LINES, format, {"recipient": "staff:王"}), KEY)
    assert (proof.lines, proof.filters, proof.intact) == (LINES, {"recipient": "staff:王"}, True)


@pytest.mark.parametrize("format", FORMATS)
async def test_an_export_of_nothing_is_a_proof_of_nothing(tmp_path: Path, format: FileFormat) -> None:
    proof = read(await exported(tmp_path, [], format), KEY)
    assert (proof.lines, proof.intact) == ([], True)


@pytest.mark.parametrize("format", ["csv", "ndjson"])
@pytest.mark.parametrize(
    "change", [("sms", "mail"), ("12:00:01", "12:00:00"), ("staff:wang", "staff:li"), ("工号", "")]
)
async def test_a_changed_file_is_not_intact(tmp_path: Path, format: FileFormat, change: tuple[str, str]) -> None:
    path = await exported(tmp_path, LINES, format, {"about": "工号"})
    path.write_text(path.read_text().replace(*change, 1))
    assert not read(path, KEY).intact


async def test_a_line_that_was_taken_out_is_missed_even_from_the_workbook(tmp_path: Path) -> None:
    path = await exported(tmp_path, LINES, "xlsx")
    book = openpyxl.load_workbook(path)
    book.worksheets[0].delete_rows(3)
    book.save(path)
    assert not read(path, KEY).intact and len(read(path, KEY).lines) == 2


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", ",".join(HEAD), ",".join(HEAD) + "\n1,2,3\n#校验,x,1,{}"])
def test_what_is_no_proof_is_said_to_be_none(tmp_path: Path, text: str) -> None:
    path = tmp_path / "other.csv"
    path.write_text(text)
    with pytest.raises(Unreadable, match="不是完整的送达证明"):
        read(path, KEY)
    for name in ("other.xlsx", "other.ndjson", "other.txt"):
        with pytest.raises(Unreadable):
            read(path.rename(tmp_path / name), KEY)
        (tmp_path / name).rename(path)


@pytest.mark.parametrize("format", FORMATS)
async def test_who_has_not_the_key_cannot_seal_a_file(tmp_path: Path, format: FileFormat) -> None:
    path = await exported(tmp_path, LINES, format)
    assert read(path, KEY).intact and not read(path, bytes(32)).intact


async def test_no_cell_of_the_csv_is_a_formula_and_excel_knows_its_encoding(tmp_path: Path) -> None:
    path = await exported(tmp_path, LINES, "csv")
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in cells)


@given(st.text(max_size=20))
def test_an_escaped_cell_is_harmless_and_comes_back(cell: str) -> None:
    assert unescaped(escaped(cell)) == cell
    assert not escaped(cell).startswith(("=", "+", "-", "@", "\t", "\r"))


@given(st.text(max_size=40))
def test_a_cell_is_on_one_line_and_printable(text: str) -> None:
    assert plain(text).isprintable() and plain(plain(text)) == plain(text)


@pytest.mark.parametrize(
    ("recipient", "shown"),
    [
        ("staff:wang.fang", "staff:wang.fang"), ("desk", "desk"), ("staff:13912345678", "staff:13***78"),
        ("contact:wxid_8842", "contact:wx***42"), ("contact:li", "contact:li***"),
        ("institution:H44010000001", "institution:H44010000001"),
    ],
)  # fmt: skip
def test_who_an_outsider_is_cannot_be_read_from_a_proof(recipient: str, shown: str) -> None:
    assert masked(recipient) == shown


def test_a_line_tells_what_became_of_a_delivery_in_beijing_time() -> None:
    assert delivered()._asdict() == {
        "alert_id": str(ALERT), "delivery": "0", "rule": "超时", "urgency": "紧急", "title": "超时: 工单 YB-1",
        "number": "YB-1", "recipient": "staff:wang", "provider": "sms", "state": "已送达",
        "queued_at": "2026-11-20 12:00:00", "sent_at": "2026-11-20 12:00:01", "received_at": "", "read_at": "",
        "acknowledged_at": "", "attempts": "1", "repeat": "", "reason": "", "seconds": "1.500",
    }  # fmt: skip


def heard(type_: str, seconds: float = 0.0, **facts: Any) -> Heard:
    facts.setdefault("audience", "staff:wang")
    facts |= {"rule": "breach", "urgency": "urgent", "number": "YB-1"} if type_ == "queued" else {}
    facts.setdefault("title", "超时: 工单 YB-1")
    return Heard(f"notify.{type_}", NOON + timedelta(seconds=seconds), str(ALERT), **facts)


TOLD = (
    heard("queued"), heard("delivered", 1.5, delivery=1, provider="sms", attempt=1),
    heard("undelivered", delivery=2, provider="sms", outcome="failed"), heard("acknowledged", 60), heard("read", 50),
    heard("received", 9, delivery=1, provider="sms", receipt="received"),
    heard("delivered", 1.5, delivery=5, provider="mail", attempt=2, repeat=True),
)  # fmt: skip
TRUE = [
    delivered(0, provider="inbox", sent_at=NOON, state="acknowledged", acknowledged_at=NOON + timedelta(seconds=60)),
    delivered(1, state="read", read_at=NOON + timedelta(seconds=50), received_at=NOON + timedelta(seconds=8)),
    delivered(2, state="failed", sent_at=None),
    delivered(3, state="queued", sent_at=None),
    delivered(4, state="suppressed", sent_at=None),
    delivered(5, provider="mail", attempt=2, repeated=True),
]


def differences(lines: list[Line], whole: bool = True, told: Iterable[Heard] = TOLD) -> list[str]:
    witness = Witness({line.alert_id for line in lines})
    for event in told:
        witness.hear(event)
    return list(witness.differences(lines, whole))


def test_what_the_stream_tells_is_found_true() -> None:
    assert differences(TRUE) == []


@pytest.mark.parametrize(
    ("n", "change", "why"),
    [
        (0, {"acknowledged_at": "2026-11-20 12:00:59"}, "没有 2026-11-20 12:00:59 确认的记录"),
        (0, {"recipient": "staff:li"}, "没有 2026-11-20 12:00:00 送达的记录"),
        (1, {"provider": "mail"}, "没有 2026-11-20 12:00:01 送达的记录"),
        (1, {"sent_at": ""}, "没有送达时间"),
        (2, {"state": "已过期"}, "没有“已过期”的记录"),
        (3, {"state": "已送达"}, "没有送达时间"),
        (1, {"recipient": "staff:li"}, "收件人与事件流不符"),
        (2, {"recipient": "staff:li"}, "收件人与事件流不符"),
        (1, {"title": "完全不同的通知"}, "标题与事件流不符"),
        (1, {"urgency": "较低"}, "紧急程度"),
        (1, {"rule": "测试通知"}, "规则"),
        (1, {"number": "YB-2"}, "工单号"),
        (1, {"seconds": "9.000"}, "用时"),
        (1, {"queued_at": "2026-11-20 11:00:00", "seconds": "3601.500"}, "登记时间早于"),
        (1, {"attempts": "2"}, "尝试次数"),
        (5, {"repeat": ""}, "可能重复"),
        (1, {"read_at": "2026-11-20 12:00:51"}, "没有 2026-11-20 12:00:51 已读的记录"),
        (1, {"read_at": ""}, "没有已读时间"),
        (2, {"received_at": "2026-11-20 12:00:08"}, "没有回执的记录"),
        (0, {"acknowledged_at": ""}, "没有确认时间"),
        (4, {"alert_id": str(UUID(int=2))}, "没有这条通知"),
    ],
)
def test_what_the_stream_does_not_tell_is_named(n: int, change: dict[str, str], why: str) -> None:
    forged = [*TRUE]
    forged[n] = forged[n]._replace(**change)
    found = differences(forged, whole=False)
    assert len(found) == 1 and why in found[0]


def test_a_title_is_any_that_the_alert_has_said_and_is_not_compared_once_not_all_are_said() -> None:
    line = [delivered(1, "共 3 起")]
    grew = heard("grew", 2, title="共 3 起", count=3)
    assert differences(line, False, (*TOLD, grew)) == []
    assert "标题" in differences([delivered(1, "共 11 起")], False, (*TOLD, grew))[0]
    many = heard("grew", 3, title="共 20 起", count=20)
    assert differences([delivered(1, "共 11 起")], False, (*TOLD, grew, many)) == []


def test_a_digest_which_is_in_no_inbox_is_compared_by_what_was_handed_over() -> None:
    told = (heard("delivered", 1.5, delivery=0, provider="sms", attempt=1),)
    line = delivered(0)._replace(rule="通知汇总")
    assert differences([line], told=told) == []
    assert len(differences([line._replace(recipient="desk")], told=told)) == 1
    assert "没有这条通知" in differences([line._replace(rule="超时")], told=told)[0]


def test_a_read_receipt_of_the_provider_is_a_record_of_reading() -> None:
    line = delivered(1, state="read", read_at=NOON + timedelta(seconds=55))
    assert len(differences([line], False)) == 1
    assert differences([line], False, (*TOLD, heard("received", 56, delivery=1, receipt="read"))) == []


def test_a_delivery_that_is_left_out_is_named_where_the_file_claims_to_be_whole() -> None:
    [found] = differences([TRUE[0], *TRUE[2:]])
    assert "第 1 个投递" in found and "文件中没有" in found
    assert differences([TRUE[0], *TRUE[2:]], whole=False) == []


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=200))
def test_a_percentile_is_a_value_that_so_many_do_not_exceed(values: list[float]) -> None:
    ordered = sorted(values)
    p50, p99 = percentile(ordered, 50), percentile(ordered, 99)
    assert p50 is not None and p99 is not None and p50 <= p99
    assert sum(v <= p50 + 0.001 for v in values) * 2 >= len(values)
    assert sum(v > p99 + 0.001 for v in values) * 100 <= len(values)
    assert percentile([], 50) is None
