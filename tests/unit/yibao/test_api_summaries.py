"""The list of operations that staff see on an API page is Chinese; what stands below each is for developers."""

import pytest

from chassis.settings import Settings
from yibao.services import SERVICES, Entry


@pytest.mark.parametrize("entry", SERVICES, ids=lambda entry: entry.name)
def test_every_operation_is_named_in_chinese_and_no_two_share_a_name(entry: Entry) -> None:
    paths = entry.app(Settings()).openapi_schema.to_schema()["paths"]
    named = [operation["summary"] for path in paths.values() for operation in path.values()]
    assert [name for name in named if name.isascii()] == []
    assert sorted(named) == sorted(set(named))
