"""Each service's pages in a real browser that can reach nothing but this machine."""

import asyncio
import json
import re
import shutil
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.e2e.running import Json, Up
from yibao.services import SERVICES

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]

NOWHERE_ELSE = "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
CHROMIUM = [
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking",
    "--disable-component-update", "--no-first-run", "--window-size=1280,1600", "--virtual-time-budget=15000",
    f"--host-resolver-rules={NOWHERE_ELSE}", "--dump-dom",
]  # fmt: skip


class Page:
    """A page as it looks after its scripts have run: `dom`, `screenshot`, and what it has asked for."""

    def __init__(self, directory: Path) -> None:
        self.dom, self.screenshot, self._log = "", directory / "page.png", directory / "net.json"
        self._profile = directory / "profile"

    async def open(self, browser: str, url: str) -> None:
        paths = [f"--user-data-dir={self._profile}", f"--log-net-log={self._log}", f"--screenshot={self.screenshot}"]
        child = await asyncio.create_subprocess_exec(
            browser, *CHROMIUM, *paths, url, stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        out, err = await asyncio.wait_for(child.communicate(), 60)
        assert child.returncode == 0, err.decode()
        self.dom = out.decode()

    def operations(self) -> set[tuple[str, str]]:
        """Method and path of everything that Swagger UI offers."""
        shown = re.findall(r'<span class="opblock-summary-method">(\w+)</span>.*?data-path="([^"]+)"', self.dom)
        return {(method.lower(), path) for method, path in shown}

    def asked(self) -> list[str]:
        """Every URL that the page wanted; what the browser wants for itself has no origin."""
        events: list[Json] = json.loads(self._log.read_text())["events"]
        about = [event["params"] for event in events if "url" in event.get("params", {})]
        return [p["url"] for p in about if p.get("initiator", "").startswith("http")]


@pytest.mark.parametrize("service", [entry.name for entry in SERVICES if entry.name != "console"])
async def test_the_documentation_renders_every_operation_without_leaving_this_machine(
    up: Up, tmp_path: Path, service: str
) -> None:
    browser = shutil.which("chromium")
    if browser is None:
        pytest.skip("chromium is not installed")
    page = Page(tmp_path)
    await page.open(browser, up.url(service, "/docs"))
    described = await up.get(service, "/docs/openapi.json")
    assert page.operations() == {(verb, path) for path, verbs in described["paths"].items() for verb in verbs}
    assert described["info"]["title"] in page.dom
    assert "/assets/swagger-ui-bundle.js" in {urlsplit(url).path for url in page.asked()}
    assert {urlsplit(url).hostname for url in page.asked()} == {"127.0.0.1"}
    assert page.screenshot.read_bytes().startswith(b"\x89PNG")
