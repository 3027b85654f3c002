"""The life of a reconciliation: compared, raised, answered, proved, settled; and what is refused on the way."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chassis.errors import NotFound, Refused, Stale
from chassis.message import Message, Moment
from contracts.envelope import Actor, Event, derive_id
from contracts.reconciliation import (
    Answer,
    AnswerReconciliation,
    CompareReconciliation,
    Difference,
    RaiseReconciliation,
    ReconciliationCommand,
    ReconciliationProved,
    ReconciliationRaised,
    ReconciliationSettled,
    SettleReconciliation,
)
from services.stats.reconcile.fold import fold
from services.stats.reconcile.messages import message_of
from services.stats.reconcile.model import Reconciliation, item_of, reconciliation_id, tallies_of, yuan

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
WHO = {"fixmedins_code": "H62010000001", "period": "2026-10"}
STAFF = Actor(kind="staff", id="zhao")


def difference(n: int, of: int = 1) -> Difference:
    return Difference(id=f"{n:032x}", of=of, setl_id=f"S{n}", medfee=-100 * n, fund=-60 * n, acct=-10)


@dataclass
class Desk:
    """One reconciliation, told one command after the other."""

    state: Reconciliation | None = None
    version: int = 0
    said: list[Event] = field(default_factory=list)
    commands: int = 0

    def tell(self, model: type[ReconciliationCommand], **facts: Any) -> list[str]:
        self.commands += 1
        id_ = derive_id("test", self.commands)
        command = model.model_validate({"id": id_, "occurred_at": NOW, "actor": STAFF, **WHO, **facts})
        message = Message(None, command, id_, id_, NOW, STAFF)  # type: ignore[arg-type]
        moment = Moment(NOW, message, reconciliation_id(*WHO.values()), self.version)
        self.state, events = fold(self.state, moment)
        self.version += len(events)
        self.said += events
        return [e.type.removeprefix("reconciliation.") for e in events]

    def compare(self, *differences: Difference, count: int | None = None) -> list[str]:
        return self.tell(
            CompareReconciliation, run_id=UUID(int=self.commands + 1), balanced=not differences,
            count=len(differences) if count is None else count, differences=differences,
            tallies=tallies_of(map(item_of, differences)), differences_sha256="0" * 64,
        )  # fmt: skip

    def raise_(self, **facts: Any) -> list[str]:
        return self.tell(RaiseReconciliation, **facts)

    def answer(self, *answers: tuple[int, str], note: str = "") -> list[str]:
        told = [Answer(id=f"{n:032x}", verdict=verdict, note=note) for n, verdict in answers]
        return self.tell(AnswerReconciliation, answers=told)

    def settle(self, **facts: Any) -> list[str]:
        return self.tell(SettleReconciliation, **facts)

    @property
    def status(self) -> str:
        assert self.state is not None
        return self.state.status


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_from_differences_to_none_left(desk: Desk) -> None:
    assert desk.compare(difference(1), difference(2, 3)) == ["compared"]
    assert (desk.status, desk.raise_(), desk.status) == ("open", ["raised"], "raised")
    assert desk.answer((1, "corrected"), (2, "accepted")) == ["answered"]
    assert desk.compare(difference(2, 3)) == ["compared", "proved"]
    assert desk.compare() == ["compared", "proved", "settled"]
    assert desk.status == "settled"


def test_ledgers_that_agree_need_nothing_more(desk: Desk) -> None:
    desk.compare()
    assert desk.status == "balanced"
    with pytest.raises(Refused, match="对平"):
        desk.raise_()


def test_a_later_comparison_tells_what_is_gone_left_and_new(desk: Desk) -> None:
    desk.compare(difference(1), difference(2))
    desk.raise_()
    desk.compare(difference(2), difference(3, 7))
    proved = desk.said[-1]
    assert isinstance(proved, ReconciliationProved)
    assert [[(t.of, t.count, t.medfee) for t in part] for part in (proved.gone, proved.left, proved.new)] == [
        [(1, 1, -100)], [(1, 1, -200)], [(7, 1, -300)],
    ]  # fmt: skip
    assert proved.whole


def test_new_differences_can_be_raised_beside_those_that_were(desk: Desk) -> None:
    desk.compare(difference(1))
    desk.raise_()
    with pytest.raises(Refused, match="已经下发"):
        desk.raise_()
    desk.compare(difference(1), difference(2))
    assert desk.raise_() == ["raised"]


def test_what_is_said_to_be_corrected_and_is_still_there_is_asked_again(desk: Desk) -> None:
    desk.compare(difference(1), difference(2))
    desk.raise_()
    desk.answer((1, "corrected"), (2, "rejected"))
    with pytest.raises(Refused, match="重新对账, 证实"):
        desk.settle(note="就这样")
    desk.compare(difference(1), difference(2))
    assert desk.state is not None
    assert [item.verdict for item in desk.state.items] == ["", "rejected"]
    with pytest.raises(Refused, match="还有 1 条差异没有反馈"):
        desk.settle(note="就这样")


def test_what_was_answered_is_settled_with_a_reason(desk: Desk) -> None:
    desk.compare(difference(1))
    desk.raise_()
    desk.answer((1, "rejected"))
    with pytest.raises(Refused, match="写明原因"):
        desk.settle(note=" ")
    assert desk.settle(note="中心下期补记") == ["settled"]
    settled = desk.said[-1]
    assert isinstance(settled, ReconciliationSettled)
    assert (settled.agreed, desk.status) == (1, "settled")
    with pytest.raises(Refused, match="已经办结"):
        desk.settle(note="再一次")
    with pytest.raises(Refused, match="没有待反馈"):
        desk.answer((1, "accepted"))


def test_a_settled_one_is_open_again_when_it_is_compared_with_differences(desk: Desk) -> None:
    desk.compare(difference(1))
    desk.raise_()
    desk.compare()
    desk.compare(difference(4))
    assert desk.status == "open"
    assert desk.raise_() == ["raised"]


def test_an_answer_to_what_was_not_raised_is_refused(desk: Desk) -> None:
    desk.compare(difference(1))
    with pytest.raises(Refused, match="没有待反馈"):
        desk.answer((1, "accepted"))
    desk.raise_()
    with pytest.raises(Refused, match="有 1 条差异不在"):
        desk.answer((1, "accepted"), (9, "accepted"))


def test_differences_that_are_not_kept_one_by_one_count_as_unanswered(desk: Desk) -> None:
    desk.compare(difference(1), count=9_000)
    desk.raise_()
    desk.answer((1, "accepted"))
    with pytest.raises(Refused, match="还有 8999 条"):
        desk.settle(note="太多了")


def test_nothing_is_raised_before_it_was_compared(desk: Desk) -> None:
    with pytest.raises(NotFound, match="还没有对过账"):
        desk.raise_()


def test_who_has_seen_an_earlier_version_is_told_so(desk: Desk) -> None:
    desk.compare(difference(1))
    with pytest.raises(Stale, match="第 1 版"):
        desk.raise_(expected_version=0)


def test_personal_data_in_notes_is_masked(desk: Desk) -> None:
    desk.compare(difference(1))
    desk.raise_(note="请联系 13812345678")
    desk.answer((1, "accepted"), note="身份证 620102199001011234")
    assert not any(
        "13812345678" in e.model_dump_json() or "620102199001011234" in e.model_dump_json() for e in desk.said
    )


def test_feedback_without_end_is_refused_before_the_document_is_full(desk: Desk) -> None:
    desk.compare(*map(difference, range(1, 501)))
    desk.raise_()
    answers = [(n, "rejected") for n in range(1, 501)]
    with pytest.raises(Refused, match="太多"):
        for _ in range(20):
            desk.answer(*answers, note="错" * 500)


def test_the_message_names_period_classes_counts_sums_and_where_to_look(desk: Desk) -> None:
    desk.compare(difference(1), difference(2, 7))
    desk.raise_(note="请于 5 日前核实")
    raised = desk.said[-1]
    assert isinstance(raised, ReconciliationRaised)
    message = message_of(raised)
    assert message is not None and message.sender.institution_code == WHO["fixmedins_code"]
    for word in (
        "2026-10",
        "有 2 条差异",
        "中心有、医院无: 1 条",
        "费用差额 -1.00 元",
        f"/reconciliations/{raised.reconciliation_id}",
    ):
        assert word in message.text
    assert message_of(raised) == message


def test_every_event_of_one_reconciliation_is_told_in_one_conversation(desk: Desk) -> None:
    desk.compare(difference(1), difference(2))
    desk.raise_()
    desk.answer((1, "corrected"))
    desk.compare()
    told = [m for m in map(message_of, desk.said) if m is not None]  # type: ignore[arg-type]
    assert len({m.conversation_id for m in told}) == 1
    assert len({m.message_id for m in told}) == len(told) == 4
    assert "已更正 1 条; 还有 1 条待反馈" in told[1].text and "已消除 2 条" in told[2].text and "已对平" in told[3].text


@pytest.mark.parametrize(("fen", "text"), [(0, "0.00"), (5, "0.05"), (-123456789, "-1,234,567.89")])
def test_fen_are_shown_as_yuan(fen: int, text: str) -> None:
    assert yuan(fen) == text


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("compare"), st.sets(st.integers(1, 4))),
        st.tuples(st.just("raise"), st.just(0)),
        st.tuples(
            st.just("answer"), st.tuples(st.integers(1, 4), st.sampled_from(["accepted", "rejected", "corrected"]))
        ),
        st.tuples(st.just("settle"), st.just(0)),
    ),
    max_size=12,
)


@settings(max_examples=100, deadline=None)
@given(STEPS)
def test_whatever_the_order_of_commands_the_document_stays_in_order(steps: list[tuple[str, Any]]) -> None:
    desk = Desk()
    for what, how in steps:
        before = desk.state
        try:
            match what:
                case "compare":
                    desk.compare(*map(difference, sorted(how)))
                case "raise":
                    desk.raise_()
                case "answer":
                    desk.answer(how)
                case _:
                    desk.settle(note="协商一致")
        except Refused:
            assert desk.state is before
            continue
        assert desk.state is not None
        state = desk.state
        assert not any(item.verdict and not item.raised for item in state.items)
        assert (state.status == "balanced") <= (state.count == 0)
        assert (state.status == "settled") <= (state.count == 0 or (state.unanswered == 0 and state.note != ""))
    assert [e.version for e in desk.said] == list(range(1, desk.version + 1))
