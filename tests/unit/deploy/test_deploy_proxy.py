"""The proxy of docs/deploy.md lets a few of intake's paths out; each of them exists, and none shows a case."""

import re

from litestar import Router

from services.intake.channels.routes import ROUTES
from tests.unit.deploy.deployment import ROOT

GUIDE = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
PUBLIC = set(re.findall(r"(?m)^ +location = (\S+)", GUIDE))


def routes() -> set[str]:
    return {route.path for route in Router("/", route_handlers=[ROUTES]).routes}


def test_every_path_that_the_proxy_passes_on_is_a_route_of_intake() -> None:
    assert PUBLIC and routes() >= PUBLIC


def test_only_paths_that_prove_their_caller_are_passed_on() -> None:
    assert {
        "/channels/wecom/callback", "/channels/wecom/robot", "/channels/onebot/events", "/channels/onebot/ws",
    } >= PUBLIC  # fmt: skip


def test_everything_else_is_not_found_from_outside() -> None:
    assert re.findall(r"(?m)^ +location (?!=)(.*)$", GUIDE) == ["/ { return 404; }"]
