"""The servers that every other real test stands on."""

import pytest

from tests.support.servers import Servers
from yibao.preparing import provision

pytestmark = pytest.mark.real


async def test_provisioning_twice_changes_nothing(servers: Servers) -> None:
    first = await provision(servers.settings)
    assert await provision(servers.settings) == first
