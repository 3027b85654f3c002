"""Obligations by day, attainment's figures with the way to what is behind them, an exemption's form."""

from datetime import date
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from contracts.sla import CLOCK_NAMES
from services.console.pages.obligations.view import (
    NAMED,
    by_day,
    clause,
    filters,
    groups,
    line,
    month,
    narrowed,
    query_of,
    shown,
    wish,
)

LINE: dict[str, Any] = {"key": {}, "name": "", "kept": 1, "late": 1, "cycles": 2, "rate": 0.5}


def due(at: str, title: str = "结算清单上传", **more: Any) -> dict[str, Any]:
    counts = {"open": 1, "done": 2, "waived": 1}
    return {"id": title, "title": title, "due_at": at, "state": "open", "counts": counts, **more}


def test_how_far_it_is_counts_what_is_waived_too() -> None:
    told = shown(due("2026-11-11T10:00:00Z"))
    assert (told["settled"], told["total"], told["percent"]) == (3, 4, 75)
    assert shown({**due("2026-11-11T10:00:00Z"), "counts": {"open": 0, "done": 0, "waived": 0}})["percent"] == 0


def test_days_are_beijings_and_in_order() -> None:
    rows = [due("2026-11-30T16:30:00Z", "下月"), due("2026-11-11T10:00:00Z", "乙"), due("2026-11-11T09:00:00Z", "甲")]
    days = by_day(rows)
    assert [(day, [one["title"] for one in some]) for day, some in days] == [
        (date(2026, 11, 11), ["乙", "甲"]), (date(2026, 12, 1), ["下月"]),
    ]  # fmt: skip
    cells = {cell["day"]: cell["due"] for some in month(date(2026, 11, 1), days) for cell in some}
    assert len(cells[date(2026, 11, 11)]) == 2 and cells[date(2026, 11, 12)] == []


def test_a_filter_for_none_is_a_filter() -> None:
    assert query_of({"month": "2026-11", "institution": "", "nonsense": "x"}) == {"month": "2026-11", "institution": ""}


def test_a_line_leads_to_its_cycles() -> None:
    told = line({**LINE, "key": {"institution": "H1"}, "name": "一院"}, {"month": "2026-11", "priority": "urgent"})
    asked = parse_qs(urlsplit(told["rows"]).query)
    assert asked == {"month": ["2026-11"], "priority": ["urgent"], "institution": ["H1"]}
    monthly = line({**LINE, "key": {"month": "2026-10"}}, {"month": "2026-09", "until": "2026-11"})
    assert parse_qs(urlsplit(monthly["rows"]).query) == {"month": ["2026-10"], "until": ["2026-10"]}


def test_a_clause_about_an_obligation_has_no_cycles_behind_it() -> None:
    about = {"contract": "ht-1", "verdict": "达标", "line": LINE}
    assert clause({**about, "clock": None}, {"month": "2026-11"})["line"]["rows"] == ""
    assert "clock=resolution" in clause({**about, "clock": "resolution"}, {"month": "2026-11"})["line"]["rows"]


def test_an_exemption_is_asked_in_beijing_for_what_is_named() -> None:
    form = {"begins": "2026-11-22T08:00", "ends": "2026-11-22T09:30", "institutions": "H1、H2, H3", "text": "停电"}
    told = wish(form)
    assert told["scope"] == {"institutions": ["H1", "H2", "H3"]} and told["begins"] == "2026-11-22T08:00:00+08:00"
    assert wish({**form, "institutions": "", "everything": "1"})["scope"] == {"everything": True}
    with pytest.raises(ValueError, match="Invalid isoformat"):
        wish({**form, "ends": ""})


def test_another_month_keeps_what_it_is_narrowed_to_and_no_moment() -> None:
    query = query_of({"month": "2026-11", "until": "2026-12", "as_of": "x", "contract": "ht-1", "engineer": ""})
    assert filters(query) == {"contract": "ht-1", "engineer": ""}


def test_codes_are_told_by_their_names() -> None:
    named = {**NAMED, "engineer": {"wang.fang": "王芳"}}
    query = {"engineer": "wang.fang", "clock": "resolution", "outcome": "late", "policy": "p", "priority": ""}
    told = dict(narrowed({"month": "2026-11", **query}, named))
    assert told == {"工程师": "王芳", "时限": CLOCK_NAMES["resolution"], "结果": "超时", "政策": "p", "优先级": "无"}
    of = {**LINE, "key": {"engineer": "wang.fang"}, "name": "wang.fang"}
    assert (line(of, {}, named)["name"], line(of, {})["name"]) == ("王芳", "wang.fang")


def test_hospitals_are_not_offered_whose_work_it_was() -> None:
    assert not {"engineer", "priority", "category", "policy"} & set(groups("hospital"))
    assert {"engineer", "priority"} <= set(groups("officer"))
