"""What the pages of reports make of stats' JSON: the catalogue, wishes, runs, versions, schedules."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.token import Principal
from services.console.pages.reports import agreeing, timing, view, words
from services.console.pages.reports.tabs import tabs_of
from services.stats.definitions.definition import shipped
from services.stats.periods import period

Json = dict[str, Any]


def report(id_: str, family: str = "fund", **more: Any) -> Json:
    return {"report": id_, "title": id_, "family": family, "family_name": family, "purpose": "", "owner": ""} | more


def run(**more: Any) -> Json:
    return {
        "id": "r", "status": "finished", "kind": "report", "report": "a", "done": 1.0, "verdict": "passed",
        "handed_over": True, "wanted": {}, "result": {"outcome": {"files": [{"form": "xlsx", "size": 9}]}},
    } | more  # fmt: skip


def test_the_catalogue_has_the_daily_reports_first_and_every_word_must_be_there() -> None:
    reports = [report("b"), report("a", "daily"), report("c", purpose="按区县的基金支付", owner="财务科")]
    assert [family for family, _ in view.families(reports)] == ["daily", "fund"]
    assert [[r["report"] for r in rows] for _, rows in view.families(reports, "基金 财务")] == [["c"]]


@given(st.dates(date(2001, 1, 1), date(2098, 12, 31)), st.sampled_from(["span", "moment", "none"]))
def test_every_suggested_period_is_one_that_stats_knows(today: date, kind: str) -> None:
    suggested = view.periods(today, kind)
    assert (kind == "none") == (not suggested)
    assert all(period(text).since <= today for text, _ in suggested)


def test_a_wish_has_what_was_filled_in_and_nothing_else() -> None:
    form = {"period": " 2026-10 ", "p.region": "6201", "p.within": " ", "institutions": "H1，H2\nH3", "below": "11"}
    assert view.wish("a", form, ["pdf"]) == {
        "report": "a", "period": "2026-10", "forms": ["pdf"], "parameters": {"region": "6201"},
        "institutions": ["H1", "H2", "H3"], "below": 11,
    }  # fmt: skip
    assert view.wish("a", {}, []) == {"report": "a", "period": "", "forms": ["xlsx"], "parameters": {}}
    assert view.wish("a", {"trial": "f0"}, [])["definition_hash"] == "f0"


@pytest.mark.parametrize(
    ("of", "files"),
    [
        (run(), ["output.xlsx"]),
        (run(handed_over=False), []),
        (run(handed_over=False, result={"rows_rejected": 2}), ["rejects.csv"]),
        (run(expired_at="2026-01-01"), []),
        (run(status="running", verdict=None, result=None), []),
    ],
)
def test_only_what_may_be_taken_is_offered(of: Json, files: list[str]) -> None:
    assert [f["file"] for f in view.run(of, {})["files"]] == files


def test_parameters_have_names_and_what_is_not_known_keeps_its_own() -> None:
    wanted = {"parameters": {"refunds": "1", "may_be_empty": "0", "within": "1", "given.admdvs": "6201", "new": "0"}}
    assert view.parameters(wanted) == [
        ("总额含退费", "是"), ("一方可以没有数据", "否"), ("限时 (分钟)", "1"), ("每行都一样的列 admdvs", "6201"),
        ("new", "0"),
    ]  # fmt: skip


def test_every_parameter_of_a_shipped_report_has_a_name() -> None:
    assert {p.name for definition in shipped().values() for p in definition.parameters} <= set(words.PARAMETERS)


def test_who_did_it_is_told_by_name() -> None:
    at = {"occurred_at": "2026-11-01T00:00:00Z"}
    told = view.told([
        {"type": "stats.requested", "actor": {"kind": "staff", "id": "zhao.lei", "name": "赵磊"}, **at},
        {"type": "stats.commented", "actor": {"kind": "staff", "id": "wang.fang", "name": None}, "text": "看", **at},
        {"type": "stats.finished", "actor": {"kind": "system", "id": "stats"}, **at},
    ])  # fmt: skip
    assert [event["by"] for event in told] == ["系统", "wang.fang", "赵磊"]


@given(st.integers(0, 3_000), st.integers(0, 4_000), st.integers(1, 200))
def test_pages_lead_through_a_whole_list(count: int, offset: int, size: int) -> None:
    shown = view.pages(count, min(offset, count), size)
    assert 0 <= shown["first"] <= shown["last"] <= count or not count
    seen, at = 0, 0
    while at is not None:
        here = view.pages(count, at, size)
        seen, at = here["last"], here["after"]
    assert seen == count


TIMINGS = st.builds(
    lambda every, hour, minute, number: {
        "every": every, "time": f"{hour:02}:{minute:02}", "number": str(number), "cron": "*/5 1 * * *",
    },
    st.sampled_from(list(timing.EVERY)), st.integers(0, 23), st.integers(0, 59), st.integers(1, 7),
)  # fmt: skip


@given(TIMINGS)
def test_a_schedule_comes_back_into_the_form_as_it_was_filled_in(form: Json) -> None:
    made = timing.timing(form)
    again = timing.fields(made)
    assert again["every"] == form["every"]
    assert timing.timing(again) == made
    assert timing.told(made)


def test_a_timing_in_words() -> None:
    assert timing.told({"cron": "30 8 * * *", "workday": -1}) == "每月倒数第 1 个工作日 08:30"
    assert timing.told({"cron": "0 9 * * 1"}) == "每周一 09:00"
    assert timing.told({"cron": "0 9 1-5 * *"}) == "cron 0 9 1-5 * *"


OFFICER, LEAD = Principal("chen", "officer"), Principal("zhao", "lead")


def version(status: str, hash_: str = "a", **more: Any) -> Json:
    return {"hash": hash_, "title": "T", "status": status, "drafted_by": "wang", "confirmed_by": "", "steps": []} | more


@pytest.mark.parametrize(
    ("of", "who", "steps"),
    [
        (version("draft"), OFFICER, ["confirm"]),
        (version("draft"), Principal("chen", "officer", districts=("620102",)), []),
        (version("draft"), Principal("wang", "engineer"), []),
        (version("confirmed", confirmed_by="chen"), LEAD, ["approve", "return", "retire"]),
        (version("confirmed", drafted_by="zhao"), LEAD, ["return", "retire"]),
        (version("approved"), LEAD, ["return", "enforce", "retire"]),
        (version("in_force"), Principal("sun", "auditor"), []),
    ],
)
def test_each_role_has_its_step_and_nobody_decides_about_his_own(of: Json, who: Principal, steps: list[str]) -> None:
    assert agreeing.steps(of, who) == steps


def test_the_newest_version_is_compared_with_the_one_in_force() -> None:
    shown = agreeing.versions([version("draft", "b")], {"definition_hash": "a", "title": "T"}, LEAD)
    assert [v["hash"] for v in shown] == ["b", "a"]
    assert agreeing.compared(shown, "", "") == ("a", "b")
    assert agreeing.compared(shown, "b", "a") == ("b", "a")
    assert agreeing.compared([], "", "") == ("", "")
    assert agreeing.lines({"sql": ["--- a", "+++ b", "@@ 1", "-x", "+y", " z"]})[1:] == [
        ("removed", "-x"), ("added", "+y"), ("same", " z"),
    ]  # fmt: skip


def test_who_sees_a_part_only_has_the_tabs_of_one_who_does() -> None:
    assert [path for path, _ in tabs_of("hospital", False)] == ["/reports", "/runs"]
    assert [path for path, _ in tabs_of("officer", True)] == ["/reports", "/runs"]
    assert [path for path, _ in tabs_of("ops", False)] == ["/reports/feeds"]
    assert len(tabs_of("lead", False)) == 6
