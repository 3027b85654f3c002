"""Digests: exact sums in whatever order, the gravest first, and one alert reads as itself."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from contracts.notify import URGENCIES, Bundled
from services.notify.alerts.model import Bundle, Line
from services.notify.digests.gather import MOST_LINES, added
from services.notify.digests.words import body, title

NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
EMPTY = Bundle(recipient="staff:wang", due_at=NOON)
LINES = st.builds(
    Bundled,
    alert_id=st.integers(1, 40).map(lambda n: UUID(int=n)),
    rule=st.sampled_from(["breach", "warning", "new_case"]),
    urgency=st.sampled_from(URGENCIES),
    title=st.sampled_from(["甲", "乙"]),
    at=st.integers(0, 30).map(lambda n: NOON + timedelta(minutes=n)),
)


def gathered(items: list[Bundled]) -> Bundle:
    bundle = EMPTY
    for item in items:
        bundle = added(bundle, item)
    return bundle


def item(n: int, rule: str = "new_case", urgency: str = "normal", title: str = "") -> Bundled:
    facts = {"alert_id": UUID(int=n), "rule": rule, "urgency": urgency, "title": title or f"第 {n} 条"}
    return Bundled.model_validate({**facts, "at": NOON + timedelta(seconds=n)})


@given(st.lists(LINES, max_size=60), st.randoms(use_true_random=False))
def test_the_order_of_the_items_does_not_matter_and_the_sum_is_exact(items: list[Bundled], chance: object) -> None:
    other = list(items)
    chance.shuffle(other)  # type: ignore[attr-defined]
    one = gathered(items)
    assert one == gathered(other)
    assert one.count == len(items)
    assert all(one.by_rule[rule] == sum(i.rule == rule for i in items) for rule in one.by_rule)
    assert len(one.lines) == min(len(items), MOST_LINES)


@given(st.lists(LINES, max_size=60))
def test_no_line_that_is_left_out_is_graver_than_one_that_is_kept(items: list[Bundled]) -> None:
    kept = gathered(items).lines
    if len(items) > MOST_LINES:
        worst = max(URGENCIES.index(line.urgency) for line in kept)
        graver = sum(URGENCIES.index(i.urgency) < worst for i in items)
        assert graver == sum(URGENCIES.index(line.urgency) < worst for line in kept)


def test_a_storm_becomes_counts_the_most_urgent_lines_and_how_many_more_there_are() -> None:
    many = [item(n) for n in range(1, 9_998)]
    grave = [
        item(10_001, "breach", "urgent", "超时: 工单 YB-1"),
        item(2, "warning", "high"),
        item(3, "warning", "high"),
    ]
    bundle = gathered([*many, *grave])
    lines = body(bundle).splitlines()
    assert title(bundle) == "短时间内有 10,000 条通知, 已合并为一条"
    assert lines[0] == "超时 1 条、时限预警 2 条、新工单 9,997 条"
    assert lines[1] == "〔紧急〕11-20 14:46 超时: 工单 YB-1"
    assert [line[:4] for line in lines[2:5]] == ["〔较急〕", "〔较急〕", "〔一般〕"]
    assert len(lines) == 12 and lines[-1] == "其余 9,990 条见收件箱"


def test_a_single_alert_reads_as_itself() -> None:
    bundle = gathered([item(1, "breach", "urgent", "超时: 工单 YB-1")])
    assert (title(bundle), body(bundle)) == ("超时: 工单 YB-1", "紧急, 11-20 12:00")


def test_a_night_and_a_day_are_named_for_what_they_are() -> None:
    line = Line(UUID(int=1), "my_own_rule", "low", "甲" * 200, NOON)
    night = added(added(Bundle(recipient="r", due_at=NOON, why="quiet"), line), line)
    day = added(added(Bundle(recipient="r", due_at=NOON, why="digest"), line), line)
    assert (title(night), title(day)) == ("免打扰时段内有 2 条通知", "通知汇总: 2 条")
    assert body(day).startswith("my_own_rule 2 条\n") and "…" in body(day) and "其余" not in body(day)
