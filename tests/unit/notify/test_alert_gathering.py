"""Grouping, limits, quiet hours, silences: fewer messages, and nothing that goes missing."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.notify import NotificationGrew, NotificationQueued
from contracts.outage import OutageGrew, OutageSuggested
from contracts.setting import Matcher, Silence
from services.notify.alerts.model import Alert
from services.notify.alerts.plan import Plan
from tests.support.make import NOON
from tests.unit.notify.alerting import Office, breached, warned
from tests.unit.notify.test_notify_fold import event

HOUR = timedelta(hours=1)
_OUTAGE: dict[str, Any] = {"outage_id": UUID(int=9), "number": "GZ-1", "case_ids": (), "institutions": ()}


@given(st.integers(1, 40), st.data())
def test_an_outage_is_one_alert_that_counts_however_many_children_it_gets(n: int, data: st.DataObject) -> None:
    here = Office()
    here.reachable("desk", "app")
    news = [event(OutageGrew, i, **_OUTAGE) for i in range(n)]
    news.append(event(OutageSuggested, **_OUTAGE, title="2207 超时", signature="s"))
    here.hear(*data.draw(st.permutations(news)))
    [alert] = here.alerts
    assert alert.count == n + 1
    assert [h.recipient for h in here.handovers] == ["desk"]
    assert sum(isinstance(e, NotificationGrew) and e.audience == "desk" for e in here.said) == n


def test_a_second_threshold_reaches_those_whom_the_first_did_not() -> None:
    here = Office()
    here.reachable("staff:wang", "app")
    here.reachable("lead", "app")
    here.hear(warned(1), warned(2, targets=("assignee", "lead")))
    assert [h.recipient for h in here.handovers] == ["staff:wang", "lead"]
    assert here.alert("warning").audiences == ("staff:wang", "lead")


def test_each_threshold_of_a_warning_rings_again_once_the_last_message_has_gone_out() -> None:
    here = Office()
    here.reachable("staff:wang", "app")
    here.hear(warned(1), warned(2))
    assert len(here.handovers) == 1
    here.claim(here.handovers[0])
    here.report(here.handovers[0], "sent")
    here.hear(warned(3))
    assert [h.count for h in here.handovers] == [1, 3]


def test_what_is_over_the_limit_becomes_a_digest_that_says_how_much_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    here = Office(at_most=5)
    here.reachable("staff:wang", "app")
    places = _counting(here, monkeypatch)
    for n in range(300):
        here.hear(breached(n, cycle=n + 1))
    assert len(here.handovers) == 3  # two of five places are the digests'
    here.wait(timedelta(minutes=10))
    digests = [h for h in here.handovers if h.rule == "digest"]
    assert len(digests) == 1 and digests[0].recipient == "staff:wang"
    [bundle] = [a.bundle for a in here.alerts if a.bundle]
    assert (bundle.count, bundle.by_rule, bundle.sent) == (297, {"breach": 297}, True)
    assert "297" in digests[0].title + digests[0].body
    assert places["staff:wang"] == 300
    gathered = [d for a in here.alerts for d in a.deliveries if d.digest is not None]
    assert len(gathered) == 297 and {d.state for d in gathered} == {"suppressed"}


def _counting(here: Office, monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """Places as the database counts them."""
    places: dict[str, int] = {}
    plan = here.fold.planner.plan

    def counted(*arguments: object, **more: object) -> Plan:
        made = plan(*arguments, **more)  # type: ignore[arg-type]
        for decision in made.decisions:
            if decision.goes_now:
                places[decision.recipient] = places.get(decision.recipient, 0) + 1
        return made._replace(places={d.recipient: places.get(d.recipient, 0) for d in made.decisions})

    monkeypatch.setattr(here.fold.planner, "plan", counted)
    return places


def test_quiet_hours_put_off_what_can_wait_and_not_what_must_be_delivered() -> None:
    here = Office()
    here.quiet("staff:wang", "app", begins="11:00", ends="13:30")  # noon in Beijing
    here.hear(warned(1, cycle=1), warned(2, cycle=2), breached(3, cycle=9))
    assert [h.rule for h in here.handovers] == ["breach"]
    here.wait(2 * HOUR)
    [digest] = [h for h in here.handovers if h.rule == "digest"]
    assert here.now >= NOON and "2" in digest.title + digest.body


def test_a_digest_of_one_line_reads_as_that_line() -> None:
    here = Office()
    here.quiet("staff:wang", "app", begins="11:00", ends="13:30")
    here.hear(warned())
    here.wait(2 * HOUR)
    assert [h.title for h in here.handovers] == [here.alert("warning").title]


def test_who_wants_a_digest_of_what_is_not_urgent_gets_one_a_day() -> None:
    here = Office()
    here.reachable("staff:wang", "app", digest="high", digest_at="18:00")
    here.hear(*(warned(n, cycle=n) for n in range(1, 6)))
    assert here.handovers == []
    here.wait(24 * HOUR)
    assert [h.rule for h in here.handovers] == ["digest"]


def test_maintenance_silences_by_label_and_ends() -> None:
    here = Office()
    here.reachable("staff:wang", "app")
    clock = Matcher(label="clock", values=("first_response",))
    here.silence(Silence(id="s", matchers=(clock,), begins=NOON, ends=NOON + HOUR, reason="省平台升级"))
    here.hear(breached(1))
    assert here.handovers == []
    assert "省平台升级" in here.alert("breach").deliveries[-1].reason
    here.wait(2 * HOUR)
    assert here.handovers == []
    here.hear(breached(2, cycle=2))
    assert [h.recipient for h in here.handovers] == ["staff:wang"]


def test_a_silenced_alert_is_in_the_inbox_all_the_same() -> None:
    here = Office()
    rule = Matcher(label="rule", values=("breach",))
    here.silence(Silence(id="s", matchers=(rule,), begins=NOON, ends=NOON + HOUR, reason="r"))
    here.hear(breached())
    assert [e.audience for e in here.said if isinstance(e, NotificationQueued)] == ["staff:wang"]
    assert isinstance(here.alert("breach"), Alert) and here.alert("breach").calls == ()
