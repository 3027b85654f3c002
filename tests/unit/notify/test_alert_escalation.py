"""Escalation: people are called one after the other until somebody acknowledges, whenever and wherever that is."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from chassis.message import Moment
from contracts.delivery import Handover
from contracts.envelope import SYSTEM, derive_id
from contracts.notify import AlertDue, NotificationEscalated, SettleAlert
from contracts.setting import Subscription
from contracts.sla import AcknowledgeClock
from services.notify.alerts.dealt import Word, Words
from services.notify.alerts.model import Alert
from tests.chassis.folding import heard
from tests.support.make import NOON
from tests.unit.notify.alerting import Office, breached, warned

MINUTE = timedelta(minutes=1)


def office() -> Office:
    here = Office()
    for key in ("staff:wang", "desk", "lead"):
        here.reachable(key, "app")
    return here


def called(here: Office) -> list[str]:
    return [h.recipient for h in here.handovers]


def test_nobody_acknowledges_and_so_all_are_called_one_after_the_other() -> None:
    here = office()
    here.hear(breached())
    assert called(here) == ["staff:wang"]
    here.wait(5 * MINUTE)
    assert called(here) == ["staff:wang", "desk"]  # nobody is on duty: the roles fall to the desk
    here.wait(5 * MINUTE)
    assert called(here) == ["staff:wang", "desk", "lead"]
    here.wait(timedelta(days=1))
    assert called(here) == ["staff:wang", "desk", "lead"]
    assert [e.step for e in here.said if isinstance(e, NotificationEscalated)] == [1, 2]
    assert here.alert("breach").audiences == ("staff:wang", "desk", "lead")


@given(st.integers(0, 700), st.sampled_from(["inbox", "link", "reply"]))
def test_who_acknowledges_ends_it_at_that_moment_and_the_clock_knows(second: int, via: str) -> None:
    here = office()
    here.hear(breached())
    here.wait(timedelta(seconds=second))
    before = called(here)
    here.acknowledge(here.alert("breach"), via=via)
    here.wait(timedelta(days=2))
    assert called(here) == before
    assert len(before) == 1 + (second >= 300) + (second >= 600)
    assert [type(c) for c in here.others] == [AcknowledgeClock]
    alert = here.alert("breach")
    assert (alert.acknowledged_by, alert.acknowledged_via, alert.next_at, alert.live) == ("wang", via, None, False)


@given(st.lists(st.tuples(st.integers(0, 400), st.booleans()), max_size=5), st.integers(0, 4))
def test_timers_that_come_twice_early_or_late_call_nobody_twice(waits: list[tuple[int, bool]], again: int) -> None:
    here = office()
    here.hear(breached())
    for seconds, _ in waits:
        here.wait(timedelta(seconds=seconds))
        for _ in range(again):
            _hint(here, here.alert("breach"))
    assert len(called(here)) == len(set(called(here)))


def _hint(here: Office, alert: Alert) -> None:
    here.hear(AlertDue(alert_id=alert.id, at=here.now))


def test_when_nobody_of_a_step_can_be_reached_the_next_step_does_not_wait() -> None:
    here = office()
    here.hear(breached())
    here.claim(here.handovers[0])
    here.report(here.handovers[0], "refused", reason="没有登记地址")
    here.wait(timedelta(seconds=1))
    assert called(here) == ["staff:wang", "desk"]


def test_after_some_hours_without_power_each_person_is_called_once() -> None:
    here = office()
    here.hear(breached())
    here.now += timedelta(hours=10)  # no timer has fired meanwhile
    _hint(here, here.alert("breach"))
    assert called(here) == ["staff:wang", "desk", "lead"]


def test_who_only_subscribes_is_told_once_and_not_at_every_step() -> None:
    here = office()
    here.reachable("staff:li", "app", subscriptions=(Subscription(rules=("breach",)),))
    here.hear(breached())
    here.wait(timedelta(hours=1))
    assert called(here).count("staff:li") == 1


def test_a_worker_that_died_before_somebody_acknowledged_is_not_followed_by_another() -> None:
    here = office()
    here.hear(breached())
    assert here.claim(here.handovers[0], "killed") == "send"
    here.acknowledge(here.alert("breach"))
    here.wait(timedelta(hours=1))
    assert here.claim(here.handovers[0], "next") == "drop"


@given(st.booleans())
def test_what_was_dealt_with_before_it_happened_settles_nothing(later: bool) -> None:
    here = office()
    here.hear(breached())
    alert, at = here.alert("breach"), NOON + (MINUTE if later else -MINUTE)
    here.hear(SettleAlert(id=derive_id("s", at), occurred_at=NOON, actor=SYSTEM, alert_id=alert.id, reason="r", at=at))
    assert here.alert("breach").is_over == later


def test_what_was_dealt_with_before_notify_heard_of_it_begins_settled() -> None:
    here = office()
    answered = Words(answered=Word(NOON + MINUTE, "工单 YB-1 已答复"))
    assert answered.settles(NOON, "first_response") == "工单 YB-1 已答复"
    assert answered.settles(NOON + 2 * MINUTE, "first_response") == ""
    assert answered.settles(NOON, "resolution") == ""
    message = heard(breached())
    message.hint = here.fold.prepared(None, message, NOON)
    message.hint.settled = answered
    alert, said = here.fold(None, Moment(NOON, message, here.fold.id_of(message), 0))
    assert alert.is_over and alert.calls == () and not [e for e in said if isinstance(e, Handover)]


def test_a_breach_outweighs_its_warning_whichever_comes_first() -> None:
    for order in ((warned, breached), (breached, warned)):
        here = office()
        for event in order:
            here.hear(event())
        assert here.alert("warning").settled_because.startswith("已有更严重的通知")
        waiting = [h for h in here.handovers if here.claim(h) == "send"]
        assert [h.rule for h in waiting] == ["breach"]


def test_a_warning_of_another_cycle_is_not_outweighed() -> None:
    here = office()
    here.hear(breached(), warned(cycle=2))
    assert not here.alert("warning").is_over
