"""Sheets as people keep them: every row is a message or says why not, and nothing comes in twice."""

import codecs
import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from services.intake.channels.imports.api import workbook
from services.intake.channels.imports.columns import LABELS, channel_of, field_of, time_of
from services.intake.channels.imports.rows import Import, read_import, rejects_csv
from services.intake.channels.imports.sheet import rows_of
from services.intake.channels.reading import BadPayload

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
HEADER = "渠道,来询人,机构编号,时间,内容"
TYPED = datetime(2026, 11, 20, 9, 30)  # noqa: DTZ001 - a cell of a workbook knows no zone
GOOD = "微信,李工,H62010200123,2026-11-20 09:30,2207 报错"


def sheet(*rows: str, header: str = HEADER, encoding: str = "utf-8") -> bytes:
    return "\r\n".join((header, *rows)).encode(encoding)


def xlsx(*rows: list[Any]) -> bytes:
    book, target = Workbook(), io.BytesIO()
    assert book.active is not None
    for row in rows:
        book.active.append(row)
    book.save(target)
    return target.getvalue()


def reasons(found: Import) -> list[str]:
    return [r.reason.partition(":")[0] for r in found.rejected]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
@pytest.mark.parametrize("mark", [",", "\t", ";", "|", "，"])
def test_a_csv_is_read_in_any_encoding_and_with_any_separator(encoding: str, mark: str) -> None:
    found = read_import(sheet(GOOD.replace(",", mark), header=HEADER.replace(",", mark), encoding=encoding), NOW)
    [message] = found.messages
    assert (message.channel, message.text, message.sender.name) == ("wechat", "2207 报错", "李工")
    assert message.sender.institution_code == "H62010200123"
    assert message.occurred_at == datetime(2026, 11, 20, 1, 30, tzinfo=UTC)


def test_a_workbook_with_a_title_and_real_dates_is_read() -> None:
    data = xlsx(
        ["2026年11月医保咨询登记表"], [], ["序号", "咨询方式", "*问题描述（必填）", "来电时间", "联系电话", "处理人"],
        [1, "电话", "异地就医备案怎么办", TYPED, 13800000000.0, "王"],
        [None, None, None, None], [2, "窗口", "卡消磁了", 46346.5, None, "王"],
    )  # fmt: skip
    found = read_import(data, NOW)
    assert [(m.channel, m.text, m.sender.id) for m in found.messages] == [
        ("phone", "异地就医备案怎么办", "13800000000"), ("onsite", "卡消磁了", "import"),
    ]  # fmt: skip
    assert found.messages[0].occurred_at == datetime(2026, 11, 20, 1, 30, tzinfo=UTC)
    assert found.ignored == ("序号", "处理人")


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("传真,李工,,2026-11-20,报错", "渠道不认识"),
        (",李工,,2026-11-20,报错", "缺少渠道"),
        ("微信,李工,H123,2026-11-20,报错", "机构编号应为 H 或 P 加 11 位数字"),
        ("微信,李工,,昨天上午,报错", "“时间”不是有效的时间"),
        ("微信,李工,,2026-02-30,报错", "“时间”不是有效的时间"),
        ("微信,李工,,2027-11-20,报错", "“时间”在将来"),
        ("微信,李工,,2026-10-20,报错", "“时间”早于 31 天"),
        ("微信,李工,,,报错", "缺少时间"),
        ("微信,李工,,2026-11-20,", "缺少内容"),
        ("微信,李工", "缺少内容"),
    ],
)
def test_a_row_that_cannot_be_imported_says_why(row: str, reason: str) -> None:
    found = read_import(sheet(GOOD, row), NOW)
    assert (len(found.messages), reasons(found), found.rejected[0].row.number) == (1, [reason], 3)


def test_rejected_rows_can_be_mended_and_imported_alone_or_with_all_the_others() -> None:
    first = read_import(sheet(GOOD, '传真,=李工,,2026-11-20,"两行\n报错, 见图"'), NOW)
    assert len(first.messages) == len(first.rejected) == 1
    csv_text = rejects_csv(first.header, first.rejected)
    assert "'=李工" in csv_text, "a spreadsheet program would calculate it"
    mended = read_import(csv_text.replace("传真", "微信").encode(), NOW)
    [message] = mended.messages
    assert (message.text, message.sender.name, mended.ignored) == ("两行\n报错, 见图", "=李工", ())
    whole = read_import(sheet(GOOD, '微信,=李工,,2026-11-20,"两行\n报错, 见图"'), NOW)
    assert [m.message_id for m in whole.messages] == [first.messages[0].message_id, message.message_id]


def test_two_rows_with_the_same_words_are_two_messages_and_the_same_ones_next_time() -> None:
    ids = [m.message_id for m in read_import(sheet(GOOD, GOOD), NOW).messages]
    assert len(set(ids)) == 2
    assert ids == [
        m.message_id for m in read_import(sheet(GOOD, GOOD, encoding="gbk"), NOW + timedelta(days=9)).messages
    ]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "文件是空的"),
        (b"\xd0\xcf\x11\xe0abc", "这是旧版 Excel"),
        (b"PK\x03\x04abc", "读不出这个 Excel 文件"),
        (b"\x89PNG\r\n\x1a\n\0\0", "不是可以识别的文本"),
        ("渠道,时间\n微信,2026-11-20".encode(), "没有找到列名"),
        ("内容,问题,时间\n".encode(), "有两列都是“内容”"),
    ],
)
def test_a_file_that_is_no_sheet_of_messages_says_why(data: bytes, reason: str) -> None:
    with pytest.raises(BadPayload, match=reason):
        read_import(data, NOW)


def test_the_template_has_every_column_and_no_message() -> None:
    [header] = rows_of(workbook())
    assert {field_of(name) for name in header.cells} == set(LABELS)
    assert read_import(workbook(), NOW).rows == 0


@pytest.mark.parametrize(
    "value",
    [
        "2026-11-20 09:30", "2026/11/20 9:30:00", "2026年11月20日 9时30分", "2026.11.20 上午9:30",
        "20261120 093000", "20261120093000", "46346.395833333", "2026-11-20T09:30:00+08:00", "2026-11-20T01:30:00Z",
        "２０２６-11-20　9：30",
    ],
)  # fmt: skip
def test_a_time_is_read_as_people_write_it(value: str) -> None:
    assert time_of(value) == datetime(2026, 11, 20, 1, 30, tzinfo=UTC)


@given(
    st.datetimes(TYPED - timedelta(days=9_000), TYPED + timedelta(days=9_000)),
    st.sampled_from(["%Y-%m-%d %H:%M:%S", "%Y年%m月%d日%H时%M分"]),
)
def test_any_time_comes_back_as_it_was_written(at: datetime, pattern: str) -> None:
    written = at.strftime(pattern)
    found = time_of(written)
    assert found is not None
    assert (found + timedelta(hours=8)).strftime(pattern) == written


@given(st.text(max_size=60))
def test_any_word_is_a_time_a_channel_a_column_or_nothing(word: str) -> None:
    at = time_of(word)
    assert at is None or at.tzinfo is not None
    assert channel_of(word) in {None, "wechat", "qq", "phone", "web", "email", "onsite"}
    assert field_of(word) is None or field_of(word) in LABELS


CELLS = st.sampled_from(
    ["微信", "电话", "2026-11-20", "报错", "", "'", '"', "=1+1", "H62010200123", "会话群"]
) | st.text(max_size=20)


@given(st.lists(st.lists(CELLS, min_size=1, max_size=7), max_size=12))
@example([["微信", "李", "", "2026-11-20", "报\0错"]])
def test_rows_in_are_rows_accepted_and_rejected(rows: list[list[str]]) -> None:
    target = io.StringIO()
    csv.writer(target).writerows([HEADER.split(","), *rows])
    data = target.getvalue().encode("utf-8", "replace")
    try:
        found = read_import(data, NOW)
    except BadPayload:
        return
    filled = [r for r in rows if any(cell.encode("utf-8", "replace").decode().strip() for cell in r)]
    assert found.rows == len(filled)
    assert len({m.message_id for m in found.messages}) == len(found.messages)
    assert all(r.reason for r in found.rejected)
    again = read_import(rejects_csv(found.header, found.rejected).encode(), NOW)
    assert (len(again.messages), reasons(again)) == (0, reasons(found))


BASES = [sheet(GOOD, GOOD), sheet(GOOD, encoding="gbk"), codecs.BOM_UTF16_LE + HEADER.encode("utf-16-le"), workbook()]


@settings(deadline=None)
@given(st.sampled_from(BASES), st.integers(0, 6_000), st.binary(max_size=20), st.integers(0, 30))
def test_a_damaged_file_is_read_or_refused_and_never_an_error(data: bytes, at: int, new: bytes, cut: int) -> None:
    damaged = data[:at] + new + data[at + cut :]
    try:
        found = read_import(damaged, NOW)
    except BadPayload as refused:
        assert str(refused)
    else:
        assert found.rows == len(found.messages) + len(found.rejected)
        assert all(m.model_dump_json().encode() for m in found.messages)


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        found = read_import(data, NOW)
    except BadPayload as refused:
        assert str(refused)
    else:
        assert found.rows >= 0


def test_a_number_that_two_different_rows_share_is_refused_at_once_and_the_same_row_twice_is_not() -> None:
    rows = [f"{GOOD},k-1", f"{GOOD},k-1", f"{GOOD.replace('2207 报错', '月结失败')},k-1"]
    found = read_import(sheet(*rows, header=f"{HEADER},消息编号"), NOW)
    assert len(found.messages) == 2
    assert reasons(found) == ["消息编号与上面某行相同而内容不同"]
