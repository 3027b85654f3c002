"""What a browser may put into an address or a form, and no request to another service can carry."""

from typing import Any

import pytest

from chassis.token import Principal, Signer
from services.console.asking import Answered, Services

WHO = Principal("wang.fang", "engineer")


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/reports/\x11\x85", {}, 404),
        ("/reports/\ud800", {}, 404),
        ("/cases/YB-1/close", {"If-Match": "三"}, 400),
        ("/cases/YB-1/close", {"If-Match": "3\r\nHost: elsewhere"}, 400),
    ],
)
def test_it_is_the_askers_mistake_and_no_crash(path: str, headers: dict[str, Any], status: int) -> None:
    services = Services({"intake": "http://127.0.0.1:1"}, Signer(b"x" * 32))
    with pytest.raises(Answered) as refused:
        services.build(WHO, "", "GET", "intake", path, headers=headers)
    assert refused.value.status == status


def test_chinese_in_an_address_is_sent() -> None:
    built = Services({"intake": "http://127.0.0.1:1"}, Signer(b"x" * 32)).build(WHO, "", "GET", "intake", "/cases/结算")
    assert built.url.path == "/cases/结算"
