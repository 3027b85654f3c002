"""What a file's messages became adds up, and says so when it does not."""

from typing import Any

from yibao.demo.account import counted
from yibao.demo.breakdown import READ, adds_up, breakdown
from yibao.demo.line import Fated, Line

Json = dict[str, Any]


def case(id_: str, *lines: tuple[str, str, bool], **changes: Any) -> Json:
    return {
        "id": id_, "category": "备案", "priority": "normal", "kind": "consultation", "category_by": "rule",
        "confidence": None, "why": "first", "assignee": None, "found": dict.fromkeys(READ),
        "lines": [{"message_ids": [m], "why": why, "sealed": sealed} for m, why, sealed in lines],
    } | changes  # fmt: skip


ONE = case("1", ("a", "open", True), ("b", "quote", False))
TWO = case("2", ("c", "open", False), category_by="model", confidence=0.5, assignee="li.na", why="marker")
TOLD = [
    Fated(Line(1, "web", "a", b""), "case", ONE),
    Fated(Line(2, "web", "b", b""), "addition", ONE),
    Fated(Line(3, "web", "c", b""), "case", TWO),
]


def test_every_part_has_its_whole() -> None:
    parts = breakdown(TOLD, [ONE, TWO])
    assert parts["why"] == {"first": 1, "quote": 1, "marker": 1}
    assert (parts["lines"], parts["masked"]) == (3, 1)
    assert parts["decided"]["model"] == {"cases": 1, "confidence": 0.5, "by_category": {"备案": 1}}
    assert parts["assigned"] == {"无人": 1, "li.na": 1}
    assert adds_up(TOLD, [ONE, TWO], counted(TOLD), parts)


def test_a_lost_line_or_a_case_that_was_not_counted_is_noticed() -> None:
    parts = breakdown(TOLD, [ONE, TWO])
    lost = [*TOLD, Fated(Line(4, "web", "d", b""), "unaccounted")]
    assert not adds_up(lost, [ONE, TWO], counted(lost), parts)
    assert not adds_up(TOLD, [ONE, TWO, case("3", ("z", "open", False))], counted(TOLD), parts)


def test_what_was_said_before_this_file_is_not_counted() -> None:
    older = case("1", ("old", "open", True), ("b", "grace", False))
    parts = breakdown([Fated(Line(1, "web", "b", b""), "addition", older)], [older])
    assert (parts["lines"], parts["masked"], parts["why"]) == (1, 0, {"grace": 1})
