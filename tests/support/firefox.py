"""Debian's Firefox, driven over WebDriver BiDi; its push service is the one that it is given."""

import asyncio
import itertools
import json
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import websockets

from tests.support.wait import until

Json = dict[str, Any]
EXECUTABLE = shutil.which("firefox-esr") or shutil.which("firefox")
_LISTENS = re.compile(r"WebDriver BiDi listening on (ws://\S+)")


def preferences(push_server: str) -> Json:
    """Push over loopback without TLS, notifications allowed, and nothing asked of anybody else."""
    return {
        "dom.push.serverURL": push_server, "dom.push.testing.allowInsecureServerURL": True, "dom.push.enabled": True,
        "dom.push.connection.enabled": True, "permissions.default.desktop-notification": 1,
        "dom.webnotifications.requireuserinteraction": False,
        "alerts.useSystemBackend": False, "dom.push.maxRecentMessageIDsPerSubscription": 100,
        "browser.shell.checkDefaultBrowser": False, "browser.startup.page": 0, "app.normandy.enabled": False,
        "datareporting.policy.dataSubmissionEnabled": False, "toolkit.telemetry.enabled": False,
        "network.captive-portal-service.enabled": False, "network.connectivity-service.enabled": False,
        "browser.safebrowsing.malware.enabled": False, "browser.safebrowsing.phishing.enabled": False,
        "extensions.update.enabled": False, "app.update.auto": False, "services.settings.server": "data:,",
        "browser.aboutConfig.showWarning": False, "browser.newtabpage.enabled": False, "network.proxy.type": 0,
    }  # fmt: skip


class Firefox:
    """A running browser with one page."""

    def __init__(self, socket: websockets.ClientConnection) -> None:
        self._socket, self._ids, self._context = socket, itertools.count(1), ""
        self._answers: dict[int, asyncio.Future[Json]] = {}

    async def listen(self) -> None:
        async for text in self._socket:
            said = json.loads(text)
            if said.get("id") is not None:
                self._answers.pop(said["id"]).set_result(said)

    async def call(self, method: str, **parameters: Any) -> Json:
        id_ = next(self._ids)
        self._answers[id_] = asyncio.get_running_loop().create_future()
        await self._socket.send(json.dumps({"id": id_, "method": method, "params": parameters}))
        answer = await asyncio.wait_for(self._answers[id_], 40)
        assert answer["type"] == "success", (method, answer.get("message"))
        result: Json = answer["result"]
        return result

    async def begin(self) -> None:
        await self.call("session.new", capabilities={})
        self._context = (await self.call("browsingContext.getTree"))["contexts"][0]["context"]

    async def open(self, url: str) -> None:
        await self.call("browsingContext.navigate", context=self._context, url=url, wait="complete")

    async def run(self, script: str) -> Any:
        """The value of an expression in the page, as JSON; awaited where it is a promise."""
        answer = await self.call(
            "script.evaluate", expression=f"(async () => JSON.stringify(await ({script})) ?? 'null')()",
            target={"context": self._context}, awaitPromise=True, userActivation=True,
        )  # fmt: skip
        assert answer["type"] == "success", answer["exceptionDetails"]["text"]
        return json.loads(answer["result"]["value"])

    async def sees(self, what: str, script: str) -> Any:
        return await until(what, lambda: self.run(script))


@asynccontextmanager
async def firefox_in(directory: Path, push_server: str) -> AsyncIterator[Firefox]:
    """A browser with a profile of its own, gone at the end."""
    assert EXECUTABLE is not None
    profile, log = directory / "firefox", directory / "firefox.log"
    profile.mkdir()
    wanted = preferences(push_server)
    lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in wanted.items()]
    (profile / "user.js").write_text("".join(lines))
    with log.open("wb") as out:
        child = await asyncio.create_subprocess_exec(
            EXECUTABLE, "--headless", "--no-remote", "--profile", str(profile), "--remote-debugging-port=0",
            stdin=asyncio.subprocess.DEVNULL, stdout=out, stderr=out,
        )  # fmt: skip
    try:

        async def listens() -> re.Match[str] | None:
            return _LISTENS.search(log.read_text(errors="replace"))

        found = await until("firefox listens", listens)
        async with websockets.connect(f"{found[1]}/session", max_size=None, proxy=None) as socket:
            browser = Firefox(socket)
            listening = asyncio.create_task(browser.listen())
            try:
                await browser.begin()
                yield browser
            finally:
                listening.cancel()
    finally:
        child.terminate()
        await child.wait()
