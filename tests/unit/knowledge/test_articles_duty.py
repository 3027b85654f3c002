"""The duty to review: told when it has changed, again until it was taken, last quarter's while there is any."""

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from chassis.zone import BEIJING
from contracts.envelope import Reply
from contracts.obligation import DESK, ReportObligationProgress, obligation_id
from services.knowledge.articles import duty
from services.knowledge.articles.duty import DEFINITION, Duty
from services.knowledge.articles.queries import Query, outstanding, reviewed

TODAY = datetime(2026, 11, 22, 9, tzinfo=BEIJING)
THIS, LAST = (obligation_id(DEFINITION, DESK, period) for period in ("2026-Q4", "2026-Q3"))


class Desk:
    """`sla` and the articles: what it was told, whether it takes it, and how many reviews there are."""

    def __init__(self) -> None:
        self.told: list[tuple[UUID, int, int]] = []
        self.takes: Reply | None = None
        self.done, self.waiting = {"2026-Q4": 0, "2026-Q3": 0}, {"2026-Q4": 0, "2026-Q3": 0}

    async def send(self, command: ReportObligationProgress) -> Reply | None:
        [item] = command.items
        self.told.append((command.obligation_id, item.done, item.of))
        return self.takes and self.takes.model_copy(update={"command_id": command.id})

    async def how_many(self, query: Query) -> int:
        for at, period in ((TODAY, "2026-Q4"), (TODAY - timedelta(days=90), "2026-Q3")):
            quarter = duty.quarter_of(at)
            if query == reviewed(quarter.since, quarter.until):
                return self.done[period]
            if query == outstanding(quarter.until):
                return self.waiting[period]
        raise AssertionError(query)


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setattr(duty, "now", lambda: TODAY)
    return Desk()


def duty_of(desk: Desk) -> Duty:
    parts: Any = SimpleNamespace(commands=desk), desk
    return Duty(*parts)


def reply(**outcome: Any) -> Reply:
    return Reply(command_id=UUID(int=0), **outcome)


async def test_figures_are_told_when_they_have_changed_and_not_again(desk: Desk) -> None:
    reviews, desk.takes = duty_of(desk), reply(ok=True)
    for done, waiting in ((0, 2), (0, 2), (1, 1), (1, 1), (0, 2)):
        desk.done["2026-Q4"], desk.waiting["2026-Q4"] = done, waiting
        await reviews.look()
    assert desk.told == [(THIS, 0, 2), (THIS, 1, 2), (THIS, 0, 2)]


@pytest.mark.parametrize("outcome", [None, reply(ok=False, code="not_found")])
async def test_what_sla_has_not_taken_is_told_again(desk: Desk, outcome: Reply | None) -> None:
    reviews, desk.takes = duty_of(desk), outcome
    await reviews.look()
    await reviews.look()
    desk.takes = reply(ok=True)
    await reviews.look()
    await reviews.look()
    assert desk.told == [(THIS, 0, 0)] * 3


async def test_the_quarter_before_is_told_only_where_there_was_something_to_review(desk: Desk) -> None:
    reviews, desk.takes = duty_of(desk), reply(ok=True)
    await reviews.look()
    assert desk.told == [(THIS, 0, 0)]
    desk.done["2026-Q3"], desk.waiting["2026-Q3"] = 3, 1
    await reviews.look()
    assert desk.told[1:] == [(LAST, 3, 4)]
