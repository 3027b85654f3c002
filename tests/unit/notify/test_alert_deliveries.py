"""Deliveries: each has a state of its own; nothing is lost, nothing goes twice without being marked as such."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.delivery import (
    NotificationDelivered,
    NotificationReceived,
    NotificationUndelivered,
    ReportReceipt,
)
from contracts.envelope import SYSTEM, derive_id
from contracts.notify import SettleAlert
from tests.unit.notify.alerting import Office, breached

MINUTE = timedelta(minutes=1)


def office(*providers: str) -> Office:
    here = Office()
    here.reachable("staff:wang", *(providers or ("app", "sms")))
    here.hear(breached())
    return here


def test_the_first_way_is_taken_and_the_others_are_kept_for_later() -> None:
    here = office()
    [handover] = here.handovers
    assert (handover.type, handover.recipient, handover.provider) == ("delivery.urgent.app", "staff:wang", "app")
    assert here.claim(handover) == "send"
    here.report(handover, "sent", provider_id="m1")
    assert here.states("breach") == [("staff:wang", "app", "delivered")]
    delivered = [e for e in here.said if isinstance(e, NotificationDelivered)]
    assert [(d.audience, d.provider, d.repeat, d.provider_id) for d in delivered] == [
        ("staff:wang", "app", False, "m1")
    ]


def test_a_provider_that_will_not_take_it_is_followed_by_the_next() -> None:
    here = office()
    here.claim(here.handovers[0])
    here.report(here.handovers[0], "refused", reason="没有登记地址")
    assert here.states("breach") == [("staff:wang", "app", "failed"), ("staff:wang", "sms", "queued")]
    [failed] = [e for e in here.said if isinstance(e, NotificationUndelivered)]
    assert (failed.outcome, failed.next, failed.reason) == ("failed", "sms", "没有登记地址")


def test_where_there_is_no_other_way_it_is_tried_again_later() -> None:
    here = office("app")
    here.claim(here.handovers[0])
    here.report(here.handovers[0], "unavailable", reason="HTTP 500")
    assert len(here.handovers) == 1
    here.wait(2 * MINUTE)
    assert [h.attempt for h in here.handovers] == [1, 2]
    assert here.claim(here.handovers[1]) == "send"


def test_a_provider_that_asks_for_a_moment_is_given_it_and_no_other_way_is_taken() -> None:
    here = office()
    here.claim(here.handovers[0])
    here.report(here.handovers[0], "unavailable", reason="429", after_s=30)
    here.wait(timedelta(seconds=29))
    assert len(here.handovers) == 1
    here.wait(timedelta(seconds=1))
    assert [(h.provider, h.attempt) for h in here.handovers] == [("app", 1), ("app", 2)]


def test_what_may_have_been_sent_is_sent_again_and_says_that_it_may_be_a_repetition() -> None:
    here = office("app")
    here.claim(here.handovers[0])
    here.report(here.handovers[0], "unsure")
    here.wait(MINUTE)
    assert here.claim(here.handovers[1]) == "repeat"
    here.report(here.handovers[1], "sent", repeat=True)
    assert [e.repeat for e in here.said if isinstance(e, NotificationDelivered)] == [True]


def test_a_worker_that_is_gone_leaves_a_delivery_that_the_next_one_marks_as_a_repetition() -> None:
    here = office()
    [handover] = here.handovers
    assert here.claim(handover, "killed") == "send"
    assert here.claim(handover, "next") == "wait"
    here.wait(timedelta(seconds=21))
    assert here.claim(handover, "next") == "repeat"


def test_the_same_worker_may_ask_again_when_the_answer_was_lost() -> None:
    here = office()
    assert [here.claim(here.handovers[0]), here.claim(here.handovers[0])] == ["send", "send"]


def test_work_that_comes_again_after_it_was_done_is_dropped() -> None:
    here = office()
    here.claim(here.handovers[0])
    here.report(here.handovers[0], "sent")
    assert here.claim(here.handovers[0], "w2") == "drop"


def test_a_provider_that_lets_it_wait_too_long_is_passed_by() -> None:
    here = office()
    here.wait(MINUTE)
    assert here.states("breach") == [("staff:wang", "app", "suppressed"), ("staff:wang", "sms", "queued")]
    assert here.claim(here.handovers[0]) == "drop"
    assert here.claim(here.handovers[1]) == "send"


def test_nobody_is_told_any_more_of_what_has_been_answered_meanwhile() -> None:
    here = office()
    alert = here.alert("breach")
    here.hear(SettleAlert(id=derive_id("s"), occurred_at=here.now, actor=SYSTEM, alert_id=alert.id, reason="已答复"))
    assert here.states("breach") == [("staff:wang", "app", "suppressed")]
    assert here.claim(here.handovers[0]) == "drop"
    here.wait(timedelta(days=2))
    assert len(here.handovers) == 1


def test_what_nobody_could_hand_over_in_time_expires() -> None:
    here = office("app")
    for attempt in range(200):
        if attempt >= len(here.handovers):
            break
        here.claim(here.handovers[attempt])
        here.report(here.handovers[attempt], "unavailable")
        here.wait(timedelta(minutes=15))
    assert here.states("breach")[0] == ("staff:wang", "app", "expired")


@pytest.mark.parametrize("receipts", [("received", "received"), ("read", "received", "read"), ("received", "read")])
def test_a_receipt_counts_once_however_often_it_comes(receipts: tuple[str, ...]) -> None:
    here = office()
    here.claim(here.handovers[0])
    here.report(here.handovers[0], "sent")
    for n, receipt in enumerate(receipts):
        facts = {"id": derive_id("r", n), "occurred_at": here.now, "actor": SYSTEM, "at": here.now, "receipt": receipt}
        here.hear(ReportReceipt.model_validate({**facts, "alert_id": here.alert("breach").id, "delivery": 1}))
    said = [e.receipt for e in here.said if isinstance(e, NotificationReceived)]
    assert len(said) == len(set(said)) == len({r for r in receipts if r == "read" or receipts[0] == "received"})


_STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("claim"), st.sampled_from("abc")),
        st.tuples(st.just("report"), st.sampled_from(["sent", "refused", "unavailable", "unsure"])),
        st.tuples(st.just("die"), st.just("")),
        st.tuples(st.just("wait"), st.sampled_from(["1", "25", "90", "700"])),
        st.tuples(st.just("redeliver"), st.just("")),
    ),
    max_size=40,
)


@given(_STEPS)
def test_whatever_becomes_of_workers_a_message_goes_out_twice_only_when_it_is_marked(
    steps: list[tuple[str, str]],
) -> None:
    """Sent, or maybe sent, without a mark: at most once, whatever the providers; and never is everything forgotten."""
    here = office("app", "sms")
    hands: dict[str, tuple[int, str]] = {}
    unmarked = 0
    for epoch, (what, how) in enumerate(steps):
        if what == "claim":
            for n in range(len(here.handovers)):
                worker = f"{how}{epoch}"  # a process that is started anew has workers of other names
                code = here.claim(here.handovers[n], worker)
                if code in ("send", "repeat"):
                    hands[worker] = (n, code)
                    break
        elif what == "report" and hands:
            worker, (n, code) = hands.popitem()
            unmarked += how in ("sent", "unsure") and code == "send"
            here.report(here.handovers[n], how, worker, repeat=code == "repeat")
        elif what == "die":
            unmarked += sum(code == "send" for _, code in hands.values())  # they may have sent it
            hands.clear()
        elif what == "wait":
            here.wait(timedelta(seconds=int(how)))
    alert = here.alert("breach")
    outward = [d for d in alert.deliveries if d.provider != "inbox"]
    assert unmarked <= 1
    assert any(d.pending or d.state in ("delivered", "failed", "expired") for d in outward)
