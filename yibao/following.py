"""Waits in a terminal for a run of stats, and finds what is named by the beginning of its number."""

import time
from collections.abc import Iterable
from typing import Any

import httpx

from yibao.asking import answer, console, fail

Json = dict[str, Any]
ENDED = ("finished", "failed", "cancelled")
_EVERY_S = 0.3


def followed(http: httpx.Client, asked: Json) -> Json:
    """The run once it has ended; how far it is stands in the terminal."""
    run_id = asked.get("id") or asked["url"].rsplit("/", 1)[-1]
    with console.status("排队中") as status:
        while True:
            found: Json = http.get(f"/runs/{run_id}").json()
            if found.get("status") in ENDED:
                return found
            status.update(f"{found.get('stage') or '排队中'} {found.get('done', 0):.0%}")
            time.sleep(_EVERY_S)


def one_of(known: Iterable[str], beginning: str, what: str) -> str:
    """The only one that begins so; ends the command where there is none, or several."""
    found = sorted({name for name in known if name.startswith(beginning)})
    if len(found) != 1:
        fail(f"{what} {beginning[:64]} " + (f"有 {len(found)} 个: 请多写几位" if found else "不存在: 请核对"), 2)
    return found[0]


def run_id(http: httpx.Client, beginning: str) -> str:
    """Of one of the latest 500 runs; a whole id is taken as it is."""
    if len(beginning) == 36:
        return beginning
    return one_of((r["id"] for r in answer(http.get("/runs", params={"limit": 500}))), beginning, "任务")
