"""Who may call a channel that anybody could reach."""

from datetime import UTC, datetime
from typing import NamedTuple

import pytest
from litestar import Litestar
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from litestar.testing import RequestFactory
from pydantic import SecretStr

from chassis.configfile import is_loopback
from chassis.token import Principal, Signer
from contracts.identity import Role
from services.intake.channels.phone.api import guard
from services.intake.channels.settings import WebSettings

OPEN, GUARDED = WebSettings(), WebSettings(secret=SecretStr("hush"))
SIGNER = Signer(b"k" * 32)
APP = Litestar(state=State({"signer": SIGNER, "audience": "intake"}))


class Token(NamedTuple):
    """Signed when it is shown: tokens live for five minutes only."""

    role: Role
    audience: str = "intake"

    def __str__(self) -> str:
        return "Bearer " + SIGNER.sign(Principal("somebody", self.role), self.audience, datetime.now(UTC))


def status(settings: WebSettings, shown: str = "") -> int:
    request = RequestFactory(app=APP).post("/", headers={"Authorization": shown} if shown else {})
    try:
        guard("web", settings, request)
    except HTTPException as refused:
        return refused.status_code
    return 202


@pytest.mark.parametrize(
    ("settings", "shown", "answer"),
    [
        (OPEN, "", 401),
        (OPEN, "Bearer ", 401),
        (GUARDED, "", 401),
        (GUARDED, "Bearer guess", 401),
        (GUARDED, "Bearer hush", 202),
        (GUARDED, Token("engineer"), 202),
        (OPEN, Token("lead"), 202),
        (OPEN, Token("lead", audience="sla"), 401),
        (OPEN, Token("hospital"), 403),
        (OPEN, Token("auditor"), 403),
    ],
)
def test_nobody_calls_without_the_secret_or_the_token_of_somebody_of_the_desk(
    settings: WebSettings, shown: str | Token, answer: int
) -> None:
    assert status(settings, str(shown)) == answer


@pytest.mark.parametrize(
    ("host", "alone"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("desk.local", False), ("", False)],
)
def test_only_loopback_is_alone(host: str, alone: bool) -> None:
    assert is_loopback(host) is alone
