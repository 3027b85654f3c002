"""A desk on which nothing has ever gone wrong says so."""

from pathlib import Path

import pytest

from tests.support.desk import desk_in

pytestmark = pytest.mark.real


async def test_where_nothing_was_ever_buried_the_list_is_empty_and_no_fault(tmp_path: Path) -> None:
    async with desk_in(tmp_path) as desk:
        assert await desk.command("dead", "list") == (0, "没有死信。\n")
