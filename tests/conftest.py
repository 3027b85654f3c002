"""Fixtures shared by all suites."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.support.servers import Servers, real_servers

# How long an example takes says how busy the machine is, not whether the code is right.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")

SHARED = Path(__file__).parents[2] / "shared"


@pytest.fixture
async def servers(tmp_path: Path) -> AsyncIterator[Servers]:
    """A nats-server and a mongod of this test's own."""
    async with real_servers(tmp_path) as running:
        yield running


@pytest.fixture
def citizen_messages() -> Path:
    """Real messages, where they are available."""
    path = SHARED / "data" / "citizen_messages.jsonl"
    if not path.exists():
        pytest.skip("the file of real citizen messages is not available here")
    return path
