"""Who may call a channel that anybody could reach."""

import pytest
from litestar.exceptions import HTTPException
from litestar.testing import RequestFactory
from pydantic import SecretStr

from chassis.configfile import is_loopback
from services.intake.channels.phone.api import guard
from services.intake.channels.settings import WebSettings

OPEN, GUARDED = WebSettings(), WebSettings(secret=SecretStr("hush"))


def status(settings: WebSettings, alone: bool, shown: str = "") -> int:
    request = RequestFactory().post("/", headers={"Authorization": shown} if shown else {})
    try:
        guard("web", settings, request, alone)
    except HTTPException as refused:
        return refused.status_code
    return 202


@pytest.mark.parametrize(
    ("settings", "alone", "shown", "answer"),
    [
        (OPEN, True, "", 202),
        (OPEN, False, "", 403),
        (OPEN, False, "Bearer ", 403),
        (GUARDED, True, "", 401),
        (GUARDED, False, "Bearer guess", 401),
        (GUARDED, False, "Bearer hush", 202),
    ],
)
def test_beyond_loopback_nobody_calls_without_the_secret(
    settings: WebSettings, alone: bool, shown: str, answer: int
) -> None:
    assert status(settings, alone, shown) == answer


@pytest.mark.parametrize(
    ("host", "alone"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("desk.local", False), ("", False)],
)
def test_only_loopback_is_alone(host: str, alone: bool) -> None:
    assert is_loopback(host) is alone
