"""Every operation of every service and every form of the console, asked what their descriptions allow and forbid."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.support.console import console_in
from tests.support.fuzzing import Fuzzed
from tests.support.fuzzing_desk import everything

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]
OPERATIONS, FORMS = 3, 1


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Fuzzed]:
    async with console_in(tmp_path_factory.mktemp("fuzz")) as desk:
        yield await everything(desk, OPERATIONS, FORMS)


async def test_nothing_fails_nothing_leaks_and_all_is_as_described(fuzzed: Fuzzed) -> None:
    print(f"{fuzzed.cases} cases: {dict(fuzzed.statuses)}")
    assert not fuzzed.wrong, "\n".join(f"{where}\n    {request}" for where, request in fuzzed.wrong.items())


async def test_handlers_are_reached_and_not_only_the_checks_before_them(fuzzed: Fuzzed) -> None:
    assert fuzzed.cases > 800
    assert sum(n for status, n in fuzzed.statuses.items() if status < 400) > fuzzed.cases / 10
