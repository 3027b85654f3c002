"""Daily and weekly reports: counted from events alone, each for whom it is for, posted once."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.roster import Shifts
from chassis.zone import BEIJING
from contracts.duty import Shift
from contracts.envelope import Event
from contracts.setting import Recipient, SettingSaved, Subscription
from contracts.sla import CANARY
from services.notify.digests.figures import Figures
from services.notify.digests.period import Period, Times, due, period
from services.notify.digests.report import MOST_LETTERS, ahead, report
from services.notify.digests.schedule import report_id, wanting
from services.notify.digests.told import By, Mine, Sums, Told
from services.notify.people.wishes import Wishes
from tests.unit.notify.people import on_duty, setting, unset

DAY = period("daily", date(2026, 11, 20))
EVENING = DAY.until
FIRST, SECOND = "H44010000001", "H44010000002"


def told(type_: str, hours: float = -1.0, version: int = 1, **facts: Any) -> Told:
    """An event so many hours after (before) the report is due."""
    if "by" in facts:
        facts["actor"] = By(facts.pop("by"))
    return Told(type=type_, version=version, recorded_at=EVENING + timedelta(hours=hours), **facts)


def counted(*events: Told, of: Period = DAY) -> Figures:
    figures = Figures(of)
    for event in events:
        figures.hear(event)
    return figures


CASES = (
    told("case.opened", -30, case_id="old", institution_code=FIRST, category="备案"),
    told("case.opened", -3, case_id="a", institution_code=FIRST, category="备案"),
    told("case.opened", -2, case_id="b", institution_code=SECOND, category="目录"),
    told("case.opened", -2, case_id="c", category="目录"),
    told("case.identified", -1, 2, case_id="c", institution_code=SECOND),
    told("case.resolved", -1, 2, case_id="a"),
)
CLOCKS = (
    told("sla.met", case_id="a", number="YB-a", clock="first_response", cycle=1, in_time=True, institution_code=FIRST),
    told("sla.breached", case_id="b", number="YB-b", clock="first_response", cycle=1, institution_code=SECOND),
    told("sla.met", case_id="b", clock="first_response", cycle=1, in_time=False, institution_code=SECOND),
    told("sla.breached", case_id="old", number="YB-old", clock="resolution", cycle=1, institution_code=FIRST),
    told("sla.breached", case_id="x", number=CANARY, clock="resolution", cycle=1),
)


def test_a_report_begins_where_the_one_before_it_ended() -> None:
    after = period("daily", date(2026, 11, 21))
    assert after.since == DAY.until == datetime(2026, 11, 20, 17, 30, tzinfo=BEIJING)
    week = period("weekly", date(2026, 11, 17))
    assert week.until == datetime(2026, 11, 20, 17, 0, tzinfo=BEIJING) and week.key == "weekly-2026-11-20"
    assert week == period("weekly", date(2026, 11, 22))


@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_what_was_due_in_the_last_day_is_due_and_nothing_else(now: datetime) -> None:
    found = list(due(now, Times(time(17, 30), time(17, 0), 4)))
    expected = [p for back in (0, 1) if timedelta(minutes=1) <= now - (p := daily(now, back)).until < timedelta(days=1)]
    assert [p for p in found if p.kind == "daily"] == expected
    assert all(timedelta(minutes=1) <= now - p.until < timedelta(days=1) for p in found)
    assert len(found) == len(set(found)) <= 2


def test_cases_are_counted_by_institution_and_category_with_what_is_open_from_before() -> None:
    figures = counted(*CASES, *CLOCKS)
    assert figures.sums() == Sums(3, 1, 3, 1, 1) and figures.sums().attainment == 0.5
    assert figures.sums(SECOND) == Sums(2, 0, 2, 0, 1)
    assert figures.by_category() == {"目录": Sums(2, 0, 2), "备案": Sums(1, 1, 1)}
    assert figures.by_institution() == {SECOND: Sums(2, 0, 2, 0, 1), FIRST: Sums(1, 1, 1, 1, 0)}
    assert figures.breaches() == [("YB-b", "first_response"), ("YB-old", "resolution")]


@given(st.lists(st.integers(0, len(CASES + CLOCKS) - 1), max_size=12))
def test_an_event_that_comes_again_changes_nothing(again: list[int]) -> None:
    events = CASES + CLOCKS
    once, twice = counted(*events), counted(*events, *(events[n] for n in again))
    assert (once.sums(), once.by_institution()) == (twice.sums(), twice.by_institution())


def test_what_was_written_after_the_period_belongs_to_the_next_one() -> None:
    late = [told("case.opened", 0, case_id="z"), told("case.resolved", 1, 3, case_id="c")]
    assert counted(*CASES, *late).sums() == counted(*CASES).sums()
    tomorrow = counted(*CASES, *late, of=period("daily", date(2026, 11, 21)))
    assert tomorrow.sums() == Sums(1, 1, 3, 0, 0)


def test_an_institution_reads_nothing_of_others() -> None:
    words = report(counted(*CASES, *CLOCKS), f"institution:{FIRST}", name=lambda code: f"机构{code[-1]}")
    assert words.title == "日报 2026-11-20 · 机构1"
    assert words.body.splitlines() == [
        "11-19 17:30 至 11-20 17:30",
        "工单: 新 1, 解决 1, 未结 1",
        "首次响应达成率 100.0% (1/1)",
        "超时:",
        "- YB-old 解决",
    ]


def test_the_centre_reads_all_of_it_with_outages_and_duties() -> None:
    events = [
        told("outage.confirmed", outage_id="o", number="GZ-1", title="结算超时", version=2),
        told("outage.confirmed", outage_id="n", number="GZ-2", title="误报", version=2),
        told("outage.dismissed", outage_id="n", number="GZ-2", version=3),
        told("outage.resolved", -50, outage_id="p", number="GZ-0", title="早已解决", version=2),
        told("obligation.opened", obligation_id="d", title="对账", holder_name="合同甲", period="2026-10",
             due_at=EVENING + timedelta(days=2), open=2),
        told("obligation.opened", obligation_id="e", title="远期", period="2026-10",
             due_at=EVENING + timedelta(days=9), open=2),
        told("obligation.completed", obligation_id="f", title="完成", period="2026-10", due_at=EVENING, open=0),
    ]  # fmt: skip
    body = report(counted(*CASES, *CLOCKS, *events), "desk").body
    assert "首次响应达成率 50.0% (1/2)" in body and f"- {SECOND}: 新 2, 解决 0, 未结 2, 响应达成率 0.0% (0/1)" in body
    assert "- 目录: 新 2, 解决 0, 未结 2" in body and "- GZ-1 结算超时 (已确认)" in body
    assert "- 对账 2026年10月 · 合同甲: 截止 11-22 17:30, 2 项未完成" in body
    assert not any(word in body for word in ("误报", "早已解决", "远期", "完成 "))


def test_staff_read_what_is_theirs() -> None:
    me: dict[str, Any] = {"audience": "staff:wang"}
    events = [
        *(told("notify.queued", alert_id=str(n), **me) for n in range(5)),
        told("notify.queued", alert_id="other", audience="staff:li"),
        told("notify.queued", -40, alert_id="yesterday", **me),
        told("notify.read", alert_id="0", audience="desk", by="wang"),
        told("notify.received", alert_id="1", receipt="read", **me),
        told("notify.acknowledged", alert_id="2", audience="desk", by="li"),
        told("notify.settled", alert_id="3", audience="desk"),
        told("notify.undelivered", alert_id="4", delivery=1, outcome="failed", next="mail", **me),
        told("notify.undelivered", alert_id="4", delivery=2, outcome="failed", **me),
        told("notify.undelivered", alert_id="4", delivery=3, outcome="suppressed", **me),
    ]
    figures = counted(*events)
    assert figures.mine("staff:wang") == Mine(5, 3, 3, 1)
    begins = datetime(2026, 11, 21, 8, 30, tzinfo=BEIJING)
    night = Shift(id="s", engineer="wang", begins=begins, ends=begins + timedelta(hours=24))
    body = report(figures, "staff:wang", [night]).body
    assert "我的通知: 新 5 条, 未读 3 条, 未确认 3 条" in body and "没有送达我的通知 1 条" in body
    assert body.endswith("11-20 17:30 起 7 天内的值班:\n- 11-21 周六 08:30-11-22 08:30 值班")


def test_a_report_fits_a_notice_however_much_happened() -> None:
    many = [told("case.opened", case_id=str(n), institution_code=f"H{n:011d}", category="长" * 500) for n in range(300)]
    words = report(counted(*many), "desk", name=lambda code: "名" * 600)
    assert len(words.body) <= MOST_LETTERS and len(words.title) <= 200 and "- 另有 290 项" in counted_body(many)


def saved(key: str, version: int, hours: float, *subscriptions: Subscription) -> SettingSaved:
    """A recipient's wish, so many hours after (before) the report is due."""
    event = setting(Recipient(key=key, subscriptions=subscriptions), version)
    return event.model_copy(update={"recorded_at": EVENING + timedelta(hours=hours)})


def heard(*events: Event) -> Wishes:
    wishes = Wishes()
    for event in events:
        wishes.hear(event)
    return wishes


def daily(now: datetime, back: int) -> Period:
    return period("daily", now.astimezone(BEIJING).date() - timedelta(days=back))


def counted_body(events: list[Told]) -> str:
    return report(counted(*events), "desk").body


def test_only_those_who_have_subscribed_to_a_report_by_name_want_it() -> None:
    daily_too = Subscription(rules=("breach", "daily_report"))
    wishes = heard(
        saved("staff:li", 1, -9, Subscription()), saved("staff:wang", 1, -9, daily_too),
        saved("lead", 1, -9, Subscription(rules=("daily_report",))), saved("staff:zhao", 1, -9),
        saved("staff:chen", 1, -9, daily_too), saved("staff:chen", 2, -8), saved("staff:sun", 1, -9, daily_too),
        unset("recipient", "staff:sun", 2),
    )  # fmt: skip
    assert wanting(wishes.named("daily_report"), DAY) == ["lead", "staff:wang"]
    assert wanting(wishes.named("weekly_report"), DAY) == []


def test_who_subscribes_after_a_period_has_ended_gets_the_next_report_first() -> None:
    wish = Subscription(rules=("daily_report",))
    wishes = heard(saved("early", 1, -0.1, wish), saved("late", 1, 0, wish), saved("again", 1, -5, wish))
    assert wanting(wishes.named("daily_report"), DAY) == ["again", "early"]
    assert wanting(wishes.named("daily_report"), period("daily", date(2026, 11, 21))) == ["again", "early", "late"]


def test_who_changes_something_else_keeps_the_report_that_is_due() -> None:
    wish = Subscription(rules=("daily_report",))
    wishes = heard(saved("changed", 1, -5, wish), saved("changed", 2, 1, wish, Subscription(rules=("weekly_report",))))
    assert wanting(wishes.named("daily_report"), DAY) == ["changed"]
    returned = heard(saved("back", 1, -5, wish), saved("back", 2, -4), saved("back", 3, 1, wish))
    assert wanting(returned.named("daily_report"), DAY) == []


def test_a_report_before_its_end_says_so_and_has_the_shifts_from_now_on() -> None:
    noon = EVENING - timedelta(hours=5)
    roster = Shifts()
    for begins in (noon - timedelta(hours=30), noon - timedelta(hours=1), noon + timedelta(days=6, hours=22)):
        roster.hear(on_duty("wang", begins))
    roster.hear(on_duty("wang", noon + timedelta(days=8)))
    body = report(counted(), "staff:wang", ahead(roster, "wang", noon), now=noon).body.splitlines()
    assert body[0] == "11-19 17:30 至 11-20 17:30 (尚未结束, 以下统计到 11-20 12:30)"
    assert body[2:] == [
        "11-20 12:30 起 7 天内的值班:",
        "- 11-20 周五 11:30-15:30 值班",
        "- 11-27 周五 10:30-14:30 值班",
    ]
    over = report(counted(), "staff:wang", now=EVENING + timedelta(days=3)).body.splitlines()
    assert over[0] == "11-19 17:30 至 11-20 17:30" and over[-1] == "11-20 17:30 起 7 天内没有排班"


def test_what_is_due_later_today_is_not_overdue_in_a_report_of_the_morning() -> None:
    due_at, morning = EVENING - timedelta(hours=2), EVENING - timedelta(hours=8)
    event = told("obligation.opened", -9, obligation_id="d", title="对账", period="2026-10", due_at=due_at, open=1)
    assert "已逾期" not in report(counted(event), "desk", now=morning).body
    assert "已逾期" in report(counted(event), "desk").body


def test_a_report_has_one_id_for_each_reader_and_period() -> None:
    ids = {report_id(of, who) for of in (DAY, period("daily", date(2026, 11, 21))) for who in ("desk", "lead")}
    assert len(ids) == 4 and report_id(DAY, "desk") in ids


@pytest.mark.parametrize("text", ["25:00", "spät"])
def test_a_time_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        Times.of(text, "17:00")
