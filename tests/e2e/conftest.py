"""One running stack for all tests that do not stop it."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.e2e.running import Up, running
from tests.support.servers import settings_in


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def up(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Up]:
    """`yibao up`, ready."""
    async with running(settings_in(tmp_path_factory.mktemp("desk"))) as stack:
        yield stack
