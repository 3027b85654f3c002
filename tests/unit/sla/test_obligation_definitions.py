"""Definitions of obligations: the delivered ones, faults in Chinese that say where, and who owes what when."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace

from chassis.calendars.book import CalendarBook
from contracts.directory import ServiceContract
from contracts.obligation import ObligationPlan
from services.sla.obligations.definition import ObligationError, load, parse
from services.sla.obligations.fold import plan_of
from services.sla.obligations.model import Occurrence
from services.sla.obligations.plan import Parties, plans
from services.sla.obligations.wishing import wishes
from services.sla.private import Personal, impersonal
from services.sla.settings import SlaSettings
from tests.unit.sla.duties import A, B
from tests.unit.sla.test_obligation_days import BOOK, LISTS

CALENDARS = {name: BOOK.current(name) for name in BOOK.names}
NOV = datetime(2026, 11, 9, 4, tzinfo=UTC)


def contract(begins: str = "2026-01-01", ends: str = "2026-12-31", id_: str = "main") -> ServiceContract:
    return ServiceContract(id=id_, name="合同", institution_codes=(A, B), begins=begins, ends=ends)


def due(
    *contracts: ServiceContract, since: datetime = NOV, days: float = 60, **more: Any
) -> dict[UUID, ObligationPlan]:
    definitions = parse([{**LISTS, **more}])
    return dict(plans(definitions, Parties(contracts, {A: "市二院"}), CALENDARS, since, since + timedelta(days=days)))


@pytest.mark.parametrize(("stated", "least", "most"), [(0, 6, 12), (8, 6, 8), (4, 4, 4)])
def test_what_the_contract_says_of_trainings_outweighs_the_definition(stated: int, least: int, most: int) -> None:
    agreed = contract().model_copy(update={"trainings": stated})
    [plan] = due(agreed, each="contract", every="period", about="this", due="last day",
                 count={"least": 6, "most": 12, "agreed": "trainings"}).values()  # fmt: skip
    assert (plan.least, plan.most) == (least, most)


def test_the_delivered_obligations_are_those_of_the_contract() -> None:
    settings = SlaSettings()
    found = {d.name: d for d in load(settings.sla_obligations)}
    lists, trainings = found["settlement_list"], found["trainings"]
    assert (lists.each, lists.due, lists.about, lists.by_progress) == ("institution", "day 11 18:00", "last", True)
    assert lists.daily is not None and lists.daily.days == "every"
    assert trainings.count is not None and (trainings.count.least, trainings.count.most) == (6, 12)
    assert {d.every for d in found.values()} == {"month", "quarter", "period"}
    assert {d.calendar for d in found.values()} <= set(CalendarBook.load(settings.sla_calendars).names)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"due": "the 11th"}, "day 11 18:00"),
        ({"due": None}, "due"),
        ({"every": "week"}, "week"),
        ({"thresholds": {"-1d": ["lead"]}}, "缺少 due"),
        ({"thresholds": {"due": ["boss"]}}, "assignee"),
        ({"thresholds": {"due": [], "soon": []}}, "soon"),
        ({"thresholds": {"due": [], "-0m": []}}, "0m"),
        ({"thresholds": {"due": [], "50%": {"tell": [], "least": 3}}}, "count"),
        ({"colour": "red"}, "不认识字段 colour"),
        ({"remind_at": "9 o'clock"}, "09:00"),
        ({"each": "desk", "every": "period", "about": "this"}, "服务期"),
        ({"count": {"least": 6, "most": 3}, "by_progress": False}, "不小于"),
        ({"count": {"least": 6}, "by_progress": True}, "只能用一个"),
        ({"name": "清单"}, "小写字母"),
    ],
)
def test_a_fault_says_which_entry_and_what_to_do(change: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match="第 2 条") as raised:
        parse([{**LISTS, "name": "first"}, {**LISTS, **change}])
    assert why in str(raised.value) and not str(raised.value).isascii()


@pytest.mark.parametrize("text", ["{name: a}", "- {name: [}", "", "- 5", "- {name: a}\n- {name: a}"])
def test_a_file_that_cannot_be_used_stops_the_service(tmp_path: Path, text: str) -> None:
    path = tmp_path / "obligations.yaml"
    path.write_text(text)
    with pytest.raises(ObligationError, match=r"obligations\.yaml 不可用"):
        load(path)
    with pytest.raises(ObligationError, match="读不出来"):
        load(tmp_path / "nowhere.yaml")


def test_every_month_that_the_contract_serves_is_owed_once_also_the_last_one_after_its_end() -> None:
    found = due(contract(), days=120)
    assert [(p.period, f"{p.due_at:%m-%d}") for p in found.values()] == [
        ("2026-10", "11-11"), ("2026-11", "12-11"), ("2026-12", "01-11"),
    ]  # fmt: skip
    assert [i.name for i in next(iter(found.values())).items] == ["市二院", B]


def test_a_contract_that_begins_owes_nothing_from_before() -> None:
    assert [p.period for p in due(contract("2026-11-20"), days=60).values()] == ["2026-11"]
    assert due(contract("2026-11-20"), about="this", due="day 11", days=25) == {}
    assert due(contract("2026-02-30")) == {} and due(contract("2027-01-01", "2026-01-01")) == {}


def test_each_contract_owes_its_own_and_the_desk_owes_once() -> None:
    two = contract(id_="a"), contract(id_="b")
    assert len(due(*two, each="contract", days=10)) == 2
    [plan] = due(*two, each="desk", days=10).values()
    assert (plan.holder, [item.key for item in plan.items]) == ("desk", ["desk"])


def test_a_term_is_one_period_that_keeps_its_id_when_the_contract_is_extended() -> None:
    whole: dict[str, Any] = {"each": "contract", "every": "period", "about": "this", "due": "last workday 18:00"}
    [(id_, plan)] = due(contract(), **whole).items()
    [(same, longer)] = due(contract(ends="2027-06-30"), days=400, **whole).items()
    assert id_ == same
    assert (plan.due_at, longer.due_at) == (
        datetime(2026, 12, 31, 10, tzinfo=UTC), datetime(2027, 6, 30, 10, tzinfo=UTC),
    )  # fmt: skip


def occurrence(id_: UUID, plan: ObligationPlan, **more: Any) -> Occurrence:
    return replace(Occurrence(id_, plan_of(plan), planned_at=NOV, seen_at=NOV), **more)


def test_only_what_is_new_or_other_is_wished_and_what_nobody_owes_any_more_is_dropped() -> None:
    wanted = due(contract(), since=NOV - timedelta(days=31), days=120)
    late, now, *later = wanted.items()
    assert [id_ for id_, _ in wishes(wanted, {}, NOV)] == [now[0]] and later
    known = {now[0]: occurrence(*now)}
    assert wishes(wanted, known, NOV) == []
    other = {now[0]: now[1].model_copy(update={"edition": "other"})}
    assert [id_ for id_, _ in wishes(other, known, NOV)] == [now[0]]
    [(id_, dropped)] = wishes({}, {**known, late[0]: occurrence(*late, state="completed")}, NOV)
    assert (id_, dropped.items) == (now[0], ())


@pytest.mark.parametrize(
    "text",
    [
        "联系人 13912345678",
        "+86 139-1234-5678",
        "证件 620102199001011234",
        "１３９１２３４５６７８",
        "62010219900101123X.xlsx",
    ],
)
def test_somebody_s_number_is_refused(text: str) -> None:
    with pytest.raises(Personal, match="请删去个人信息"):
        impersonal(text)


@pytest.mark.parametrize(
    "text", ["H62010290002 已上传 4105/4105", "msgid H620102900022026111009000000001", "", "2026-11-10 第 3 次"]
)
def test_what_evidence_needs_to_say_is_taken(text: str) -> None:
    assert impersonal(f" {text} ") == text
