"""The proxies of docs/deploy.md: one has the console behind it, the other a few paths of intake and notify, which all
exist and show no case.
"""

import re
from collections.abc import Sequence
from typing import Any

from litestar import Router

from services.console.main import LARGEST_FORM
from services.intake.channels.routes import ROUTES
from services.notify.links.api import ROUTES as LINKS
from services.notify.providers.receipts import ROUTES as RECEIPTS
from tests.unit.deploy.deployment import ROOT

GUIDE = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
PUBLIC = set(re.findall(r"(?m)^ +location = (\S+)", GUIDE))
BEGINNINGS = re.findall(r"(?m)^ +location (/\S+) +\{ proxy_pass http://127\.0\.0\.1:8104; access_log off; \}$", GUIDE)


def routes(handlers: Sequence[Any]) -> set[str]:
    return {route.path for route in Router("/", route_handlers=list(handlers)).routes}


def test_every_path_that_the_proxy_passes_on_is_a_route_of_intake() -> None:
    assert PUBLIC and routes([ROUTES]) >= PUBLIC


def test_only_paths_that_prove_their_caller_are_passed_on() -> None:
    assert {
        "/channels/wecom/callback", "/channels/wecom/robot", "/channels/onebot/events", "/channels/onebot/ws",
    } >= PUBLIC  # fmt: skip


def test_of_notify_only_links_and_receipts_are_passed_on_and_never_logged() -> None:
    assert BEGINNINGS == ["/l/", "/receipts/"]
    for path in routes([*LINKS, *RECEIPTS]):
        assert path.startswith(tuple(BEGINNINGS)), path


def test_everything_else_is_not_found_from_outside() -> None:
    others = [f"{path} " for path in BEGINNINGS]
    found = re.findall(r"(?m)^ +location (?!=)(.*)$", GUIDE)
    rest = [place for place in found if not place.startswith(tuple(others))]
    assert rest == ["/ { proxy_pass http://127.0.0.1:8100; }", "/ { return 404; }"]


def test_the_console_learns_where_people_sit_and_nobody_can_say_it_himself() -> None:
    console = GUIDE.partition("server_name desk.example.cn;")[2].partition("\n    }\n")[0]
    assert "proxy_set_header X-Forwarded-For $remote_addr;" in console, "replaced, not added to"
    [largest] = re.findall(r"client_max_body_size (\d+)m;", console)
    assert int(largest) * 1024 * 1024 >= LARGEST_FORM
