"""One running stack for all tests that do not stop it, and a browser for those that look at pages."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.e2e.running import Up, running
from tests.support.browser import browser_up
from tests.support.servers import settings_in


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def up(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Up]:
    """`yibao up`, ready."""
    async with running(settings_in(tmp_path_factory.mktemp("desk"))) as stack:
        yield stack


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    """One Chromium for a file of tests."""
    async with browser_up() as browser:
        yield browser


@pytest_asyncio.fixture(loop_scope="module")
async def windows() -> AsyncIterator[AsyncExitStack]:
    """Holds what a test opens in it, until its end."""
    async with AsyncExitStack() as windows:
        yield windows
