"""The first page and the wall: what comes first, what is counted, and that each role has something to look at."""

from contracts.identity import TITLES
from services.console.asking import Answered
from services.console.pages.partly import silent
from services.console.pages.today import panels, view
from services.console.pages.wall import view as wall


def test_overdue_duties_come_first_and_what_is_done_is_left_out() -> None:
    def duty(state: str, due: str, **counts: int) -> dict[str, object]:
        return {"state": state, "due_at": due, "counts": {"open": 0, "done": 0, "waived": 0, **counts}}

    found = view.duties([
        duty("open", "1", open=1, done=3), duty("completed", "0"), duty("overdue", "2", open=2), duty("open", "0"),
    ])  # fmt: skip
    assert [(d["state"], d["due_at"], d["share"]) for d in found] == [
        ("overdue", "2", 0.0), ("open", "0", 0.0), ("open", "1", 0.75),
    ]  # fmt: skip


def test_versions_are_told_with_their_report() -> None:
    definitions = [
        {"report": "r1", "versions": [{"status": "draft", "hash": "a"}, {"status": "in_force", "hash": "b"}]}
    ]
    assert view.versions(definitions, "draft") == [{"status": "draft", "hash": "a", "report": "r1"}]


def test_what_waits_for_the_hospital_comes_first() -> None:
    cases = [
        {"id": 1, "owes": "desk", "status": "new"}, {"id": 2, "owes": "requester", "status": "waiting"},
        {"id": 3, "owes": "nobody", "status": "resolved"}, {"id": 4, "owes": "desk", "status": "new"},
    ]  # fmt: skip
    assert [case["id"] for case in view.awaited(cases)] == [2, 3, 1, 4]


def test_every_role_has_parts_and_each_part_a_name_of_its_own() -> None:
    assert all(any(role in panel.roles for panel in panels.PANELS) for role in TITLES)
    assert len({panel.name for panel in panels.PANELS}) == len(panels.PANELS)


def test_the_wall_has_each_case_once_by_its_first_deadline() -> None:
    clocks = [
        {"case_id": "a", "due_at": "2026-11-22T08:00:00Z"}, {"case_id": "b", "due_at": "2026-11-22T10:00:00Z"},
        {"case_id": "a", "due_at": "2026-11-25T08:00:00Z"},
    ]  # fmt: skip
    first = wall.first_of_each(clocks)
    assert [clock["case_id"] for clock in first] == ["a", "b"]
    assert [row["id"] for row in wall.rows(first, [{"id": "b"}])] == ["b"]


def test_parts_that_could_not_be_had_are_named() -> None:
    assert silent({"当班": Answered(503, "x"), "超时数": {}, "群体故障": []}) == ["当班"]
    assert silent({"当班": {}}) == []
