"""Keeps the view true while the day is played: alerts as they are pushed, counts as the services give them."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import httpx
import msgspec

from yibao.demo.desk import Desk, together
from yibao.demo.view import View

AUDIENCES = ("desk", "lead", "staff:zhao.lei")
EVERY_S = 0.5


async def alerts(desk: Desk, view: View) -> None:
    """Show what the inbox pushes (SSE), until cancelled."""
    seen: set[str] = set()
    params = {"audience": list(AUDIENCES)}
    with suppress(httpx.HTTPError):
        async with desk.http.stream("GET", desk.url("notify", "/inbox/stream"), params=params, timeout=None) as stream:
            async for line in stream.aiter_lines():
                data = line.removeprefix("data:").strip()
                if data == line or not data:  # other fields, comments, keep-alives
                    continue
                alert = msgspec.json.decode(data)
                if alert["alert_id"] not in seen:  # one alert may go to several audiences
                    seen.add(alert["alert_id"])
                    view.alert(alert["title"], alert["body"], alert["urgency"])


class Counts:
    """Cases and clocks of the whole desk, and the drill's countdown once its case is known."""

    def __init__(self, desk: Desk, view: View) -> None:
        self._desk, self._view = desk, view
        self.drill: str | None = None

    async def run(self) -> None:
        while True:
            with suppress(httpx.HTTPError):
                await self._look()
            await asyncio.sleep(EVERY_S)

    async def _look(self) -> None:
        paths = (("intake", "/cases/counts"), ("sla", "/clocks/counts"))
        cases, clocks = await together(lambda where: self._desk.get(*where), paths)
        self._view.cases({"total": cases["total"], **cases["by_status"]})
        rows = await self._desk.clocks(self.drill) if self.drill else []
        self._view.clocks(clocks, _countdown(rows[0]) if rows else "")


def _countdown(clock: dict[str, Any]) -> str:
    left = (datetime.fromisoformat(clock["due_at"]) - datetime.now(UTC)).total_seconds()
    if clock["breached"]:
        return "[bold red]演练: 已超时[/]"
    return f"演练: [yellow]已预警[/], 剩 {left:.1f} 秒" if clock["warned"] else f"演练: 剩 {left:.1f} 秒"
