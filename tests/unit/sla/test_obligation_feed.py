"""The calendar of obligations is one that another program reads: lines, escapes, ids that stay."""

from datetime import UTC, datetime

import icalendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.ical import WIDTH, Entry, calendar, folded
from services.sla.obligations.feed_api import entries
from tests.unit.sla.duties import DUTY, A, B, due, opened, plan, progress

AT = datetime(2026, 11, 11, 10, tzinfo=UTC)
TEXT = st.text(st.one_of(st.characters(codec="utf-8"), st.sampled_from('\n,;\\"清单家é😀 ')), max_size=200)


def read(*made: Entry) -> list[icalendar.Component]:
    return icalendar.Calendar.from_ical(calendar("医保服务义务", made, AT).encode()).walk("VEVENT")


@given(TEXT, TEXT)
def test_whatever_is_written_is_read_back(summary: str, description: str) -> None:
    [event] = read(Entry("u@d", AT, summary, description))
    shown = [
        "".join(c for c in text.replace("\r\n", "\n") if c in "\n\t" or c.isprintable())
        for text in (summary, description)
    ]
    assert [str(event["SUMMARY"]), str(event["DESCRIPTION"])] == shown
    assert (event["UID"], event.decoded("DTSTART")) == ("u@d", AT)


@given(st.text(st.sampled_from("清单a家é😀1"), max_size=300))
def test_no_line_is_longer_than_75_octets_and_no_character_is_cut(line: str) -> None:
    lines = folded(line).split("\r\n")
    assert all(len(part.encode()) <= WIDTH for part in lines)
    assert lines[0] + "".join(part.removeprefix(" ") for part in lines[1:]) == line
    assert all(part.startswith(" ") for part in lines[1:])


def test_every_line_ends_as_the_standard_wants_it() -> None:
    text = calendar("义务", [Entry("u", AT, "s", "a\nb")], AT)
    assert text.endswith("END:VCALENDAR\r\n") and "\n" not in text.replace("\r\n", "")
    assert "a\\nb" in text


@pytest.mark.parametrize(("institution", "words"), [(None, "〔进行中〕"), (A, "〔已完成〕"), (B, "〔未完成〕")])
def test_an_entry_says_how_far_it_is_for_everybody_or_for_one_institution(institution: str | None, words: str) -> None:
    folder = opened()
    folder.hear(progress(1, a=(4, 4)))
    [entry] = entries(folder.states, {}, institution)
    assert entry.summary.startswith(words) and "结算清单上传 2026年10月" in entry.summary
    assert entry.uid == f"{DUTY}@yibao-desk"
    assert ("市四院" in entry.description) == entry.alarm == (institution != A)


def test_what_is_late_or_to_come_is_marked_so() -> None:
    folder = opened()
    folder.hear(due(8))
    [late] = entries(folder.states, {})
    assert "〔逾期, 2 家未完成〕" in late.summary
    [coming] = entries({}, {DUTY: plan()})
    assert "〔未开始〕" in coming.summary and "市二院、市四院" in coming.description
    assert coming.uid == late.uid


def test_for_an_institution_only_its_own_name_is_there() -> None:
    folder = opened()
    folder.hear(progress(1, a=(1, 4)))
    for entry in (*entries(folder.states, {}, B), *entries({}, {DUTY: plan()}, B)):
        assert "市四院" in entry.description and "市二院" not in entry.description and entry.alarm
