"""Every route × every role, every kind of bad token, and rows of others: on a running desk, and no hole in it."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.support.authorization import ROLES, Asked, matrix
from tests.support.console import OURS, console_in
from yibao.services import SERVICES

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def asked(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[list[Asked]]:
    async with console_in(tmp_path_factory.mktemp("matrix")) as desk:
        yield await matrix(desk)


async def test_nobody_gets_in_where_he_may_not_and_no_hospital_hears_of_another(asked: list[Asked]) -> None:
    print(f"{len(asked)} cases")
    assert [str(case) for case in asked if case.hole] == []


async def test_every_route_answers_each_role_as_it_says_itself(asked: list[Asked]) -> None:
    assert [str(case) for case in asked if case.odd] == []


async def test_what_a_hospital_was_refused_was_there_to_be_seen(asked: list[Asked]) -> None:
    """Its own rows are shown at the same addresses; else a wrong address would pass for a refusal."""
    own = {case.route.name for case in asked if case.about == OURS and case.status < 300}
    assert {
        "intake GET /cases/{reference:str}", "intake GET /messages/{channel:str}/{message_id:str}",
        "intake GET /directory/{kind:str}/{key:str}", "sla GET /clocks/{case_id:uuid}/account",
        "stats GET /runs/{run_id:uuid}", "stats GET /reconciliations/{id_:uuid}",
        "stats GET /reconciliations/{id_:uuid}/totals", "knowledge GET /articles/{reference:str}",
        "knowledge GET /archive/{file:str}", "console GET /cases/{ref:str}", "console GET /runs/{run_id:uuid}",
        "console GET /institutions/{code:str}", "console GET /knowledge/{reference:str}",
    } <= own  # fmt: skip


async def test_the_matrix_is_as_large_as_the_desk(asked: list[Asked]) -> None:
    assert len({case.route.service for case in asked}) == len(SERVICES)
    assert len({case.who for case in asked}) >= len(ROLES) + len(("nobody", "other", "expired", "changed", "old"))
    assert len(asked) > 5_000
