"""The planner: from which contracts it plans, how often it looks, and what the feed is told."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from contracts.directory import ServiceContract
from contracts.obligation import OpenObligation
from services.sla.contracts import Contracts
from services.sla.obligations.definition import parse
from services.sla.obligations.model import Occurrence
from services.sla.obligations.planner import Planner
from tests.unit.sla.test_obligation_days import LISTS
from tests.unit.sla.test_obligation_definitions import CALENDARS, NOV, contract

DAILY = {"due": "last day", "about": "this", "thresholds": {"due": []}}


class Known(Contracts):
    """Contracts that are set at once."""

    held: tuple[ServiceContract, ...] = ()

    def put(self, *contracts: ServiceContract) -> None:
        self.held = contracts

    def forget(self) -> None:
        super().forget()
        self.held = ()

    @property
    def all(self) -> tuple[ServiceContract, ...]:
        return self.held


class Nothing:
    """No occurrence is stored; `meanwhile` happens while somebody asks, `wished` is what was published."""

    def __init__(self, contracts: Known) -> None:
        self.contracts, self.looks, self.wished = contracts, 0, list[OpenObligation]()
        self.forgets = False

    async def changeable(self, _: datetime) -> list[Occurrence]:
        self.looks += 1
        if self.forgets:
            self.contracts.forget()
        return []

    async def known(self, _: Iterable[UUID]) -> list[Occurrence]:
        return []

    async def publish(self, sent: Iterable[Any]) -> None:
        self.wished += [OpenObligation.model_validate_json(one.body) for one in sent]


def planner() -> tuple[Planner, Nothing]:
    contracts = Known()
    contracts.put(contract())
    nothing = Nothing(contracts)

    async def ready() -> None:
        return None

    made = Planner(nothing, nothing, parse([{**LISTS, **DAILY}]), contracts, lambda: CALENDARS, ready)  # type: ignore[arg-type]
    return made, nothing


async def test_contracts_that_are_forgotten_while_it_reads_are_still_planned_from() -> None:
    looking, nothing = planner()
    nothing.forgets = True
    assert await looking.plan(NOV) == 1
    assert [wish.plan.holder for wish in nothing.wished] == ["main"]


async def test_what_was_wished_is_looked_at_once_more_and_then_when_something_changes() -> None:
    looking, nothing = planner()
    today = datetime.now(UTC).date()
    nothing.contracts.put(contract(str(today - timedelta(days=90)), str(today + timedelta(days=90))))
    for _ in range(4):
        await looking.look()
    assert nothing.looks == 2 and len({wish.id for wish in nothing.wished}) == len(nothing.wished) / 2
    nothing.contracts.put()
    await looking.look()
    assert nothing.looks == 3


async def test_the_feed_is_worked_out_once_an_hour_and_anew_when_a_contract_changes() -> None:
    looking, nothing = planner()
    nothing.contracts.put(contract(), contract(id_="empty").model_copy(update={"institution_codes": ()}))
    ahead = timedelta(days=40)
    first, again = await looking.coming(NOV, ahead), await looking.coming(NOV + timedelta(minutes=30), ahead)
    assert {plan.holder for plan in first.values()} == {"main"}
    assert all(again[id_] is plan for id_, plan in first.items())
    nothing.contracts.put(contract(ends="2026-11-20"))
    assert {plan.due_at for plan in (await looking.coming(NOV, ahead)).values()}.isdisjoint(
        plan.due_at for plan in first.values()
    )
