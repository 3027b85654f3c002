"""What `yibao stats` shows: in Chinese, whole at 80 columns, and naming what can be typed next."""

from typing import Any

import pytest
import typer
from rich.console import Console

from services.stats.definitions.definition import FAMILIES, shipped
from yibao import stats_tables as shown
from yibao.following import one_of

RUN: dict[str, Any] = {
    "id": "82c6a162-2e89-51b7-86d0-3670c849b6ee", "report": "settlement_summary", "wanted": {"period": "2026-10"},
    "status": "finished", "requested_by": "wang.fang", "requested_at": "2026-10-31T16:30:00Z", "verdict": "failed",
    "handed_over": True,
}  # fmt: skip


def printed(table: object) -> str:
    console = Console(width=80, markup=False, highlight=False)
    with console.capture() as capture:
        console.print(table)
    return capture.get()


def test_the_catalogue_stands_by_family_and_every_report_can_be_copied_whole() -> None:
    found = [
        {"report": d.id, "title": d.title, "family": d.family, "family_name": FAMILIES[d.family]}
        for d in shipped().values()
    ]
    text = printed(shown.reports(found))
    assert all(d.id in text for d in shipped().values())
    assert [name for name in text.split() if name in FAMILIES.values()] == list(FAMILIES.values())


def test_the_families_are_those_of_the_definitions() -> None:
    assert tuple(FAMILIES) == shown.FAMILIES


def test_a_run_is_named_by_its_beginning_and_told_in_beijing_time() -> None:
    text = printed(shown.runs([RUN]))
    assert "82c6a162" in text
    assert "11-01 00:30" in text


def test_a_result_that_was_handed_over_in_spite_of_its_checks_says_so() -> None:
    assert "已放行" in printed(shown.runs([RUN]))
    assert "已放行" not in printed(shown.runs([RUN | {"handed_over": False}]))


def test_a_paused_schedule_has_no_times() -> None:
    one = {"id": RUN["id"], "name": "月报", "report": "x", "span": "last_month", "next": []}
    assert "已暂停" in printed(shown.schedules([one]))


def test_the_beginning_of_a_number_is_enough_where_only_one_begins_so() -> None:
    assert one_of(["ab1", "cd2"], "ab", "任务") == "ab1"


@pytest.mark.parametrize("beginning", ["a", "x"])
def test_a_beginning_of_several_or_of_none_is_refused(beginning: str) -> None:
    with pytest.raises(typer.Exit):
        one_of(["ab1", "ab2"], beginning, "任务")
