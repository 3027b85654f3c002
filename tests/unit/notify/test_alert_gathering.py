"""Grouping, limits, quiet hours, silences: fewer messages, and nothing that goes missing."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.notify import NotificationGrew, NotificationQueued
from contracts.outage import OutageGrew, OutageSuggested
from contracts.setting import Endpoint, Matcher, Recipient, Silence
from services.notify.alerts.plan import Plan
from tests.chassis.folding import heard
from tests.support.make import NOON
from tests.unit.notify.alert_examples import event
from tests.unit.notify.alerting import Office, breached, warned

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
    grew = [e.count for e in here.said if isinstance(e, NotificationGrew) and e.audience == "desk"]
    assert grew == [c for c in range(2, n + 2) if c <= 10 or c % 10 == 0]


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


def test_what_must_be_delivered_is_delivered_though_the_person_wants_it_otherwise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    here = Office()
    urgent = Endpoint(provider="sms", at_least="urgent")
    wishes = Recipient(key="staff:wang", endpoints=(urgent,), at_most=3, digest="urgent")
    here.prefer(wishes)
    _counting(here, monkeypatch)
    here.hear(*(breached(n, cycle=n) for n in range(1, 11)))
    assert [h.provider for h in here.handovers] == ["sms"] * 10


def test_a_digest_goes_out_even_where_its_ways_are_only_for_what_is_urgent(monkeypatch: pytest.MonkeyPatch) -> None:
    here = Office(at_most=3)
    here.prefer(Recipient(key="staff:wang", endpoints=(Endpoint(provider="sms", at_least="urgent"),)))
    _counting(here, monkeypatch)
    here.hear(*(breached(n, cycle=n) for n in range(1, 11)))
    here.wait(timedelta(minutes=5))
    assert [h.rule for h in here.handovers if h.rule == "digest"] == ["digest"]


def test_what_grows_and_rings_nobody_takes_no_place_of_anybody_s_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    here = Office(at_most=5)
    here.reachable("desk", "app")
    places = _counting(here, monkeypatch)
    here.hear(event(OutageSuggested, **_OUTAGE, title="2207 超时", signature="s"))
    here.acknowledge(here.alert("outage_suggested"))
    here.hear(*(event(OutageGrew, n, **_OUTAGE) for n in range(40)))
    prepared = [here.fold.prepared(here.alert("outage_suggested"), heard(event(OutageGrew, 99, **_OUTAGE)), NOON)]
    assert [plan.decisions for ready in prepared for plan in ready.plans.values()] == [()]
    assert len(here.handovers) == 1 and places


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
    here.wait(HOUR)
    assert [h.recipient for h in here.handovers] == ["staff:wang"]  # nobody has dealt with it in the meantime
    here.hear(breached(2, cycle=2))
    assert [h.recipient for h in here.handovers] == ["staff:wang"] * 2


def test_what_was_dealt_with_while_it_was_silenced_rings_nobody_afterwards() -> None:
    here = Office()
    here.reachable("staff:wang", "app")
    rule = Matcher(label="rule", values=("breach",))
    here.silence(Silence(id="s", matchers=(rule,), begins=NOON, ends=NOON + HOUR, reason="r"))
    here.hear(breached())
    here.acknowledge(here.alert("breach"))
    here.wait(2 * HOUR)
    assert here.handovers == []


def test_a_silence_that_is_made_longer_holds_the_escalation_back_as_well() -> None:
    here = Office()
    for key in ("staff:wang", "desk", "lead"):
        here.reachable(key, "app")
    rule = Matcher(label="rule", values=("breach",))
    here.silence(Silence(id="s", matchers=(rule,), begins=NOON, ends=NOON + HOUR / 2, reason="r"))
    here.hear(breached())
    here.silence(Silence(id="s", matchers=(rule,), begins=NOON, ends=NOON + HOUR, reason="r"))
    here.wait(HOUR - timedelta(seconds=1))
    assert here.handovers == []
    here.wait(timedelta(seconds=1))
    assert {h.recipient for h in here.handovers} == {"staff:wang", "desk", "lead"}
    assert len(here.handovers) == 3


def test_a_silenced_alert_is_in_the_inbox_all_the_same() -> None:
    here = Office()
    rule = Matcher(label="rule", values=("breach",))
    here.silence(Silence(id="s", matchers=(rule,), begins=NOON, ends=NOON + HOUR, reason="r"))
    here.hear(breached())
    assert [e.audience for e in here.said if isinstance(e, NotificationQueued)] == ["staff:wang"]
    assert here.alert("breach").silenced == "r"
