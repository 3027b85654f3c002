"""The fold of outages: a person decides, every child is told by a command of its own, and nothing is said twice."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import NotFound, Refused
from chassis.message import Moment
from contracts.case import ResolveCase, RespondToCase
from contracts.casework import CaseJoinedOutage, JoinOutage
from contracts.envelope import SYSTEM, Command, derive_id
from contracts.outage import (
    AddToOutage,
    BroadcastOutage,
    ConfirmOutage,
    DismissOutage,
    OutageBroadcast,
    OutageConfirmed,
    OutageGrew,
    OutageResolved,
    OutageSuggested,
    ResolveOutage,
    SuggestOutage,
)
from services.intake.outage.fold import fold
from services.intake.outage.model import MAX_CASES, Outage, outage_number_of
from tests.chassis.folding import heard
from tests.support.make import NOON, message
from tests.unit.intake import cases as case_tests
from tests.unit.intake.outages import CASES, OUTAGE, SUGGESTION, wish

Said = list[Any]


class Told:
    """One outage, folded command by command; `said` is everything, in order."""

    def __init__(self) -> None:
        self.state: Outage | None = None
        self.said: Said = []

    def hear(self, *commands: Command) -> Said:
        before = len(self.said)
        for command in commands:
            moment = Moment(NOON, heard(command), OUTAGE, len(self.said))
            self.state, said = fold(self.state, moment)
            self.said += said
        return self.said[before:]


def suggested() -> Told:
    told = Told()
    told.hear(wish(SuggestOutage, **SUGGESTION))
    return told


def confirmed() -> Told:
    told = suggested()
    told.hear(wish(ConfirmOutage))
    return told


def of(said: Said, model: type[Any]) -> Said:
    return [words for words in said if isinstance(words, model)]


def test_a_suggestion_says_so_and_touches_no_case() -> None:
    told = suggested()
    [event] = told.said
    assert isinstance(event, OutageSuggested)
    assert (event.number, event.case_ids) == (outage_number_of(OUTAGE), CASES[:3])
    assert told.state is not None and told.state.state == "suggested"


def test_confirming_lets_every_case_join() -> None:
    told = suggested()
    event, *joins = told.hear(wish(ConfirmOutage, title="省平台 2207 超时"))
    assert isinstance(event, OutageConfirmed) and event.title == "省平台 2207 超时"
    assert [j.case_id for j in of(joins, JoinOutage)] == list(CASES[:3])
    assert {j.cause_id for j in joins} == {wish(ConfirmOutage).id}
    assert {j.actor.id for j in joins} == {"wang"}
    assert len({j.id for j in joins}) == 3


def test_cases_that_come_later_join_once_it_is_confirmed() -> None:
    told = suggested()
    assert [type(w) for w in told.hear(wish(AddToOutage, case_ids=CASES[2:]))] == [OutageGrew]
    told.hear(wish(ConfirmOutage))
    more = derive_id("child", 9)
    grew, join = told.hear(wish(AddToOutage, 1, case_ids=(CASES[0], more)))
    assert (grew.case_ids, join.case_id) == ((more,), more)
    assert told.hear(wish(AddToOutage, 2, case_ids=(CASES[0], more))) == []


def test_one_answer_for_everybody_is_one_command_for_each() -> None:
    told = confirmed()
    event, *answers = told.hear(wish(BroadcastOutage, text="省平台正在处理, 请勿重复刷卡"))
    assert isinstance(event, OutageBroadcast) and not event.resolves
    assert [(a.case_id, a.text, a.via) for a in of(answers, RespondToCase)] == [
        (case, "省平台正在处理, 请勿重复刷卡", "channel") for case in CASES[:3]
    ]


def test_the_end_is_told_to_everybody_and_resolves_each_case() -> None:
    told = confirmed()
    said = told.hear(wish(ResolveOutage, resolution="省平台已恢复"))
    assert [w.case_id for w in of(said, RespondToCase)] == list(CASES[:3])
    assert [w.case_id for w in of(said, ResolveCase)] == list(CASES[:3])
    assert len(of(said, OutageResolved)) == 1 and of(said, OutageBroadcast)[0].resolves
    assert max(map(said.index, of(said, RespondToCase))) < min(map(said.index, of(said, ResolveCase)))
    assert told.state is not None and told.state.state == "resolved"


def test_personal_data_in_what_is_told_is_masked() -> None:
    told = confirmed()
    said = told.hear(wish(BroadcastOutage, text="参保人 11010519491231002X 请重试"))
    assert "11010519491231002X" not in "".join(w.model_dump_json() for w in said)


@pytest.mark.parametrize(
    ("before", "command"),
    [
        ("suggested", wish(BroadcastOutage, text="x")),
        ("suggested", wish(ResolveOutage, resolution="x")),
        ("confirmed", wish(ConfirmOutage, 1)),
        ("confirmed", wish(DismissOutage, reason="x")),
        ("dismissed", wish(ConfirmOutage, 1)),
        ("dismissed", wish(AddToOutage, case_ids=CASES[3:])),
        ("resolved", wish(BroadcastOutage, text="x")),
        ("resolved", wish(AddToOutage, case_ids=CASES[3:])),
    ],
)
def test_what_does_not_fit_its_state_is_refused_with_what_would(before: str, command: Command) -> None:
    told = suggested() if before in ("suggested", "dismissed") else confirmed()
    if before == "dismissed":
        told.hear(wish(DismissOutage, reason="各院网络问题"))
    if before == "resolved":
        told.hear(wish(ResolveOutage, resolution="恢复"))
    with pytest.raises(Refused, match="只有") as refused:
        told.hear(command)
    assert refused.value.code == "wrong_state"


def test_a_command_about_no_outage_is_not_found_and_one_about_an_old_version_is_stale() -> None:
    with pytest.raises(NotFound):
        Told().hear(wish(ConfirmOutage))
    with pytest.raises(Refused, match="刷新"):
        confirmed().hear(wish(BroadcastOutage, text="x", expected_version=1))


def test_a_text_that_would_not_fit_into_the_document_is_refused() -> None:
    told = Told()
    ids = tuple(derive_id("many", n) for n in range(MAX_CASES))
    told.hear(wish(SuggestOutage, **{**SUGGESTION, "case_ids": ids}), wish(ConfirmOutage))
    with pytest.raises(Refused, match="缩短"):
        told.hear(wish(BroadcastOutage, text="长" * 5_000))
    n = 0
    with pytest.raises(Refused, match="缩短"):
        for n in range(200):
            told.hear(wish(BroadcastOutage, n, text="短" * 500))
    assert 3 <= n < 200
    assert sum(len(w.model_dump_json().encode()) + 90 for w in told.said) < 15_000_000


@given(st.permutations([0, 1, 2, 3, 4]))
def test_the_same_observation_in_any_order_ends_in_the_same_cases(order: list[int]) -> None:
    wishes: list[Command] = [
        wish(SuggestOutage, n, **{**SUGGESTION, "case_ids": CASES[:n], "actor": SYSTEM}) for n in (1, 2, 3, 4, 4)
    ]
    told = Told()
    told.hear(*(wishes[i] for i in order))
    assert told.state is not None and set(told.state.cases) == set(CASES)
    assert len({w.id for w in told.said}) == len(told.said)


def test_a_case_joins_once_keeps_its_state_and_can_still_join_when_closed() -> None:
    folder = case_tests.desk()
    folder.hear(message())
    before = case_tests.only(folder)
    join: Any = {"outage_id": OUTAGE, "outage_number": "GZ-7K3QM"}
    [joined] = folder.hear(case_tests.wish(folder, JoinOutage, **join))
    assert isinstance(joined, CaseJoinedOutage) and joined.outage_number == "GZ-7K3QM"
    assert folder.hear(case_tests.wish(folder, JoinOutage, 1, **join)) == []
    after = case_tests.only(folder)
    assert (after.outage, after.status, after.owes) == (OUTAGE, before.status, before.owes)
