"""Calendars in YAML: what is wrong is said in Chinese, with file, entry and what to do; versions can be built again."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from chassis.calendars.book import CalendarBook, CalendarError, UnknownCalendar
from chassis.calendars.compiling import hours_of
from chassis.calendars.definition import Calendar, Definition
from chassis.calendars.hours import ALWAYS

GOOD = """
name: window
zone: Asia/Shanghai
weekly:
  mon: ["14:00-18:00", "09:00-12:00"]
  sun: ["00:00-01:00", "20:00-24:00"]
holidays: none
exceptions:
  - {date: 2026-12-28, hours: ["09:00-12:00"], note: 年终结算}
  - {from: 2026-12-06, to: 2026-12-07, closed: true}
  - {date: 2026-12-25, open: sun}
  - {date: 2026-12-24, open: true}
"""


def load(tmp_path: Path, text: str) -> CalendarBook:
    path = tmp_path / "window.yaml"
    path.write_text(text)
    return CalendarBook.load(path)


def opens(book: CalendarBook, day: int) -> float:
    start = datetime(2026, 12, day, tzinfo=UTC) - timedelta(hours=8)
    return book.current("window").between(start, start + timedelta(days=1)) / timedelta(hours=1)


def test_a_calendar_is_open_as_its_file_says(tmp_path: Path) -> None:
    book = load(tmp_path, GOOD)
    days = {14: 7, 13: 5, 15: 0, 28: 3, 6: 0, 7: 0, 25: 5, 24: 7}
    assert {day: opens(book, day) for day in days} == days
    assert book.current("window").name == "window"


def test_hours_that_touch_do_not_overlap(tmp_path: Path) -> None:
    assert opens(load(tmp_path, GOOD.replace("14:00-18:00", "12:00-18:00")), 14) == 9


def exception(text: str) -> str:
    return f"{GOOD}  - {text}\n"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (GOOD.replace("mon:", "monday:"), "weekly.monday: 没有这一天, 请改为 mon, tue"),
        (GOOD.replace("14:00-18:00", "11:30-18:00"), "weekly.mon: 09:00-12:00 与 11:30-18:00 重叠"),
        (GOOD.replace("14:00-18:00", "18:00-14:00"), "weekly.mon: 18:00-14:00 的结束不晚于开始"),
        (GOOD.replace("14:00-18:00", "14:00-14:00"), "结束不晚于开始"),
        (GOOD.replace("14:00-18:00", "14-18"), "weekly.mon: 时间 '14-18' 应写作"),
        (GOOD.replace("14:00-18:00", "14:00-24:01"), "时间 '14:00-24:01' 应写作"),
        (GOOD.replace("14:00-18:00", "14:00-18:60"), "时间 '14:00-18:60' 应写作"),
        (GOOD.replace("Asia/Shanghai", "Asia/Lanzhou"), "zone 'Asia/Lanzhou' 不是时区: 请写"),
        (GOOD.replace("Asia/Shanghai", "../etc"), "不是时区"),
        (GOOD.replace("name: window", "name: 24x7"), "'24x7' 不能用"),
        (GOOD.replace("name: window", "name: ' '"), "不能用"),
        (GOOD + "known_until: 2027-12-31\n", "known_until 只用于 holidays: china"),
        (GOOD + "workday: tue\n", "workday 'tue' 没有营业时间"),
        ("{name: window, holidays: none, weekly: {}}", "weekly: 一周没有任何营业时间"),
        ("{name: window, holidays: none, weekly: {mon: []}}", "weekly: 一周没有任何营业时间"),
        ("{name: window, holidays: china, weekly: {sat: ['09:00-12:00']}}", "workday 'mon' 没有营业时间"),
        (exception("{date: 2026-12-28, closed: true}"), "exceptions 第 5 条: 2026-12-28 已在第 1 条中写过, 请合并"),
        (exception("{from: 2026-12-20, to: 2026-12-24, closed: true}"), "2026-12-24 已在第 4 条中写过"),
        (exception("{closed: true, note: 盘点}"), "exceptions 第 5 条 (盘点): 请写 date"),
        (exception("{from: 2026-12-01, closed: true}"), "第 5 条: 请写 date (一天), 或同时写 from 与 to"),
        (exception("{date: 2026-12-01, to: 2026-12-02, closed: true}"), "二者取一"),
        (exception("{from: 2026-12-02, to: 2026-12-01, closed: true}"), "to 2026-12-01 早于 from 2026-12-02"),
        (exception("{from: 2026-12-02, to: 2028-12-01, closed: true}"), "超过 400 天"),
        (exception("{date: 2062-12-01, closed: true}"), "2062-12-01 不在日历覆盖的 2020-01-01 至 2040-12-31"),
        (exception("{date: 2026-12-01}"), "第 5 条: closed: true, open: true, hours: [...] 请写且只写一样"),
        (exception("{date: 2026-12-01, closed: true, hours: ['09:00-12:00']}"), "请写且只写一样"),
        (exception("{date: 2026-12-01, open: holiday}"), "open 'holiday' 不是星期"),
        (exception("{date: 2026-12-01, open: tue}"), "weekly 中 tue 没有营业时间, 请改用 hours"),
        (exception("{date: 2026-12-01, hours: ['09:00-12:00', '11:00-13:00']}"), "09:00-12:00 与 11:00-13:00 重叠"),
        (exception("{date: 2026-12-01, hours: ['9-12']}"), "第 5 条: 时间 '9-12' 应写作"),
        (exception("{date: 1.12.2026, closed: true}"), "$.exceptions[4].date: 日期应写作 2026-12-31"),
        (exception("{date: 2026-02-30, closed: true}"), "有一个日期或时间不存在"),
        (exception("{date: 2026-13-01, closed: true}"), "有一个日期或时间不存在"),
        (exception("{date: '2026-12-01', closed: true}"), "日期应写作 2026-12-31, 不加引号"),
        (exception("{date: 2026-12-01, shut: true}"), "$.exceptions[4]: 不认识字段 shut"),
        (GOOD.replace("holidays: none", "holidays: usa"), "$.holidays: 不能写 usa"),
        (GOOD.replace("holidays: none", ""), "缺少字段 holidays"),
        (GOOD.replace("name: window", "name: 7"), "$.name: 应为 str, 写成了 int"),
        (GOOD.replace("name: window", "name: [window"), "不可用"),
        ("", "不可用"),
    ],
)
def test_a_file_that_cannot_be_used_says_where_and_what_to_do(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(CalendarError) as error:
        load(tmp_path, text)
    assert str(tmp_path / "window.yaml") in str(error.value) and why in str(error.value)


def test_every_fault_is_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(CalendarError) as error:
        load(tmp_path, GOOD.replace("Asia/Shanghai", "X").replace("mon:", "may:") + "  - {date: 2026-12-01}\n")
    assert str(error.value).count(";") >= 3


def test_files_are_read_from_a_directory_and_names_are_unique(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(GOOD)
    assert CalendarBook.load(tmp_path).names == ("24x7", "window")
    other = tmp_path / "b.yaml"
    other.write_text(GOOD.replace("window", "counter"))
    assert CalendarBook.load([other]).names == ("24x7", "counter")
    (tmp_path / "c.yaml").write_text(GOOD)
    with pytest.raises(CalendarError, match=r"c\.yaml 与 .*a\.yaml 的 name 都是 window"):
        CalendarBook.load(tmp_path)
    with pytest.raises(CalendarError, match=r"nowhere\.yaml 不可用"):
        CalendarBook.load(tmp_path / "nowhere.yaml")


def test_the_delivered_desk_and_24x7_are_there_and_nothing_else() -> None:
    book = CalendarBook.load()
    assert book.names == ("24x7", "desk")
    assert book.current("24x7") is ALWAYS
    assert book.current("desk") is book.current("desk")
    with pytest.raises(UnknownCalendar, match="没有营业日历 'night': 现有 24x7, desk"):
        book.current("night")


def test_a_version_is_built_again_from_what_was_stored(tmp_path: Path) -> None:
    old = CalendarBook.load()
    stored: dict[str, Any] = json.loads(json.dumps(old.definitions[0].to_dict()))
    again = Definition.from_dict(stored)
    assert again == old.definitions[0] and again.version == old.current("desk").version
    path = tmp_path / "desk.yaml"
    path.write_text("{name: desk, holidays: none, weekly: {mon: ['10:00-11:00']}}")
    assert CalendarBook.load(path).current("desk").version != again.version
    rebuilt, at = CalendarBook([again]).current("desk"), datetime(2026, 9, 30, 9, tzinfo=UTC)
    assert rebuilt.version == again.version and rebuilt.known_until == again.known_until
    for hours in range(1, 500, 13):
        span = timedelta(hours=hours)
        assert rebuilt.after(at, span) == old.current("desk").after(at, span)
    assert old.current("desk").covers == rebuilt.covers


def test_a_version_follows_from_what_the_calendar_is() -> None:
    monday = {"mon": ("09:00-12:00",)}
    first = Definition.resolve(Calendar("a", monday, "china"))
    assert len(first.version) == 12 and int(first.version, 16) >= 0
    assert hours_of(first).version == first.version == Definition.resolve(Calendar("a", monday, "china")).version
    others = [
        Definition.resolve(Calendar("b", monday, "china")),
        Definition.resolve(Calendar("a", {"mon": ("09:00-12:01",)}, "china")),
        Definition.resolve(Calendar("a", monday, "none")),
        Definition.resolve(Calendar("a", monday, "china", zone="Asia/Tokyo")),
        Definition.resolve(Calendar("a", monday, "china"), (date(2020, 1, 1), date(2039, 12, 31))),
    ]
    assert len({first.version, *(d.version for d in others)}) == 6
    week = {"tue": ("09:00-12:00",), "mon": ("09:00-12:00",)}
    turned = dict(reversed(week.items()))
    assert Definition.resolve(Calendar("a", week, "none")).version == (
        Definition.resolve(Calendar("a", turned, "none")).version
    )


def test_a_version_written_down_today_is_the_same_tomorrow() -> None:
    """Stored clocks name it: a change of how it is computed would orphan them."""
    fixed = Definition(Calendar("a", {"mon": ("09:00-12:00",)}, "none"), date(2024, 1, 1), date(2024, 12, 31),
                       date(2024, 12, 31))  # fmt: skip
    assert fixed.version == "4fccbcf1b505"
