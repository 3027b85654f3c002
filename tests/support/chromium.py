"""Debian's Chromium, driven over the DevTools protocol: several pages side by side, that reach only this machine."""

import asyncio
import base64
import itertools
import json
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import websockets

from tests.support.wait import until

Json = dict[str, Any]
EXECUTABLE = shutil.which("chromium")
_ARGUMENTS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking",
    "--disable-component-update", "--no-first-run", "--remote-debugging-port=0", "--remote-allow-origins=*",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", "--disable-background-timer-throttling",
    "--disable-renderer-backgrounding", "--disable-backgrounding-occluded-windows",
)  # fmt: skip


class Page:
    """One tab; `problems` are errors of its scripts and of its policy."""

    def __init__(self, call: Callable[..., Any], session: str) -> None:
        self._call, self.session = call, session
        self.problems: list[str] = []
        self.asked: list[str] = []

    async def do(self, method: str, **parameters: Any) -> Json:
        answer: Json = await self._call(method, session=self.session, **parameters)
        return answer

    async def run(self, script: str) -> Any:
        """The value of an expression in the page, awaited where it is a promise. Fails with the page's own error."""
        answer = await self.do(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True, userGesture=True
        )
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    async def sees(self, what: str, script: str) -> Any:
        """Waits until the expression is true there."""
        return await until(what, lambda: self.run(script))

    async def size(self, width: int, height: int, mobile: bool = False) -> None:
        await self.do(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=mobile
        )

    async def close(self) -> None:
        await self.do("Page.close")

    async def picture(self, path: Path) -> None:
        await self.do("Page.bringToFront")
        shot = await self.do("Page.captureScreenshot", format="png")
        path.write_bytes(base64.b64decode(shot["data"]))

    def notice(self, event: Json) -> None:
        parameters = event["params"]
        if event["method"] == "Runtime.exceptionThrown":
            self.problems.append(str(parameters["exceptionDetails"])[:500])
        elif event["method"] == "Log.entryAdded" and parameters["entry"]["source"] == "security":
            self.problems.append(parameters["entry"]["text"])
        elif event["method"] == "Network.requestWillBeSent":
            self.asked.append(parameters["request"]["url"])


class Chromium:
    """A running browser."""

    def __init__(self, socket: websockets.ClientConnection) -> None:
        self._socket, self._ids = socket, itertools.count(1)
        self._answers: dict[int, asyncio.Future[Json]] = {}
        self._pages: dict[str, Page] = {}

    async def listen(self) -> None:
        async for text in self._socket:
            said = json.loads(text)
            if "id" in said:
                self._answers.pop(said["id"]).set_result(said)
            elif (page := self._pages.get(said.get("sessionId", ""))) is not None:
                page.notice(said)

    async def call(self, method: str, session: str = "", **parameters: Any) -> Json:
        id_ = next(self._ids)
        self._answers[id_] = asyncio.get_running_loop().create_future()
        more = {"sessionId": session} if session else {}
        await self._socket.send(json.dumps({"id": id_, "method": method, "params": parameters, **more}))
        answer = await asyncio.wait_for(self._answers[id_], 30)
        assert "error" not in answer, (method, answer["error"])
        result: Json = answer["result"]
        return result

    async def open(self, url: str) -> Page:
        """A window of its own with this page: one in the background is not drawn."""
        target = (await self.call("Target.createTarget", url="about:blank", newWindow=True))["targetId"]
        session = (await self.call("Target.attachToTarget", targetId=target, flatten=True))["sessionId"]
        page = self._pages[session] = Page(self.call, session)
        for domain in ("Page", "Runtime", "Log", "Network"):
            await page.do(f"{domain}.enable")
        await page.do("Page.navigate", url=url)
        await page.sees("the page is there", "document.readyState === 'complete' && location.href !== 'about:blank'")
        return page


@asynccontextmanager
async def chromium_in(directory: Path) -> AsyncIterator[Chromium]:
    """A browser with a profile of its own, gone at the end."""
    assert EXECUTABLE is not None
    profile = directory / "profile"
    child = await asyncio.create_subprocess_exec(
        EXECUTABLE, *_ARGUMENTS, f"--user-data-dir={profile}", "about:blank", stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    port_file = profile / "DevToolsActivePort"
    try:

        async def listens() -> list[str]:
            return port_file.read_text().split("\n") if port_file.exists() else []

        port, path = (await until("chromium listens", listens))[:2]
        async with websockets.connect(f"ws://127.0.0.1:{port}{path}", max_size=None, proxy=None) as socket:
            browser = Chromium(socket)
            listening = asyncio.create_task(browser.listen())
            try:
                yield browser
            finally:
                listening.cancel()
    finally:
        child.terminate()
        await child.wait()
