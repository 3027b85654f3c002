"""Escalation: people are called one after the other until somebody acknowledges, whenever and wherever that is."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from contracts.notify import NotificationEscalated
from contracts.sla import AcknowledgeClock
from services.notify.alerts.model import Alert
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
    from contracts.notify import AlertDue

    here.hear(AlertDue(alert_id=alert.id, at=here.now))


def test_when_nobody_of_a_step_can_be_reached_the_next_step_does_not_wait() -> None:
    here = office()
    here.hear(breached())
    here.claim(here.handovers[0])
    here.report(here.handovers[0], "refused", reason="没有登记地址")
    here.wait(timedelta(seconds=1))
    assert called(here) == ["staff:wang", "desk"]


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
