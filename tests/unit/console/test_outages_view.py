"""What the pages of outages and of trainings show."""

from datetime import UTC, date, datetime
from typing import Any

from services.console.pages.outages import view
from services.console.pages.training import view as training

AT = "2026-11-20T01:00:00+00:00"


def child(number: str, status: str, channel: str = "wechat") -> dict[str, str]:
    return {"number": number, "status": status, "institution_code": "H1", "channel": channel}


def test_open_cases_come_first() -> None:
    found = view.members([child("1", "closed"), child("2", "new"), child("3", "resolved")], {"H1": "一院"})
    assert [one["number"] for one in found] == ["2", "1", "3"]
    assert found[0]["institution_name"] == "一院"


def test_reach_counts_by_channel() -> None:
    assert view.reach([child("1", "new"), child("2", "new"), child("3", "new", "phone")]) == "微信 2 件、电话 1 件"


def test_it_lasts_until_its_end_or_until_now() -> None:
    assert view.lasted({"suggested_at": AT, "ended_at": None}, datetime(2026, 11, 20, 2, tzinfo=UTC)) == 3_600
    assert view.lasted({"suggested_at": AT, "ended_at": "2026-11-20T01:01:00+00:00"}, datetime.now(UTC)) == 60


def test_what_happened_is_told_with_the_latest_first() -> None:
    by, wang = {"kind": "system", "id": "system"}, {"kind": "staff", "id": "w", "name": "王"}
    told = view.steps([
        {"type": "outage.suggested", "occurred_at": AT, "actor": by, "case_ids": ["a", "b"]},
        {"type": "outage.broadcast", "occurred_at": AT, "actor": wang, "text": "请稍候"},
    ])  # fmt: skip
    assert [(one["by"], one["said"]) for one in told] == [("王", "请稍候"), ("系统", "")]
    assert told[1]["what"].endswith("(2 件工单)")


def test_trainings_are_counted_by_their_evidence() -> None:
    agreed = {"key": "ht", "name": "合同", "begins": "2026-01-01", "ends": "2026-12-31", "trainings": 3}
    evidence = [{"at": AT, "note": "一"}, {"at": "2026-11-21T01:00:00+00:00", "note": "二"}]
    occurrence = {"least": 2, "items": [{"name": "合同", "evidence": evidence}]}
    usage = {"held": 1, "planned": 1, "cases": [{"institution_code": None, "status": "new"}]}
    found = training.contract(agreed, occurrence, usage, {}, date(2026, 6, 1))
    assert (found["allowed"], found["recorded"], found["left"], found["is_in_force"]) == (3, 2, 1, True)
    assert [piece["note"] for piece in found["pieces"]] == ["二", "一"]
    assert found["cases"][0]["institution_name"] == "未登记机构"
    nothing = training.contract(agreed, None, None, {}, date(2027, 1, 1))
    assert (nothing["recorded"], nothing["left"], nothing["is_in_force"]) == (0, 3, False)


def test_a_record_says_when_about_what_and_for_how_many() -> None:
    form = {"held_on": "2026-11-20", "topic": "结算清单", "mode": "线下", "attendance": "32", "more": ""}
    assert training.note(form) == "2026-11-20, 结算清单, 线下, 32 人"
    assert training.note({**form, "mode": "<b>", "attendance": ""}) == "2026-11-20, 结算清单"


def test_only_duties_that_the_contract_counts_are_trainings() -> None:
    found: list[dict[str, Any]] = [
        {"name": "t", "count": {"least": 1, "agreed": "trainings"}},
        {"name": "x", "count": None},
        {"name": "y"},
    ]
    assert training.duties(found) == {"t"}
