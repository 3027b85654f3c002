"""The index and a stream in which nothing happens: the client says so in two ways, and neither is trouble."""

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from services.knowledge.search import feed
from services.knowledge.search.feed import Feed
from services.knowledge.search.index import ArticleIndex


class Quiet:
    """A stream that holds nothing new; `fetch` answers with what `says` gives, and is over after the third time."""

    def __init__(self, says: Callable[[], list[Any]]) -> None:
        self.asked, self.subscriptions, self._says = 0, 0, says
        self.over = asyncio.Event()

    async def stream_info(self, _: str) -> Any:
        return SimpleNamespace(state=SimpleNamespace(last_seq=0), created="2026-11-22")

    async def pull_subscribe(self, *_: Any, **__: Any) -> "Quiet":
        self.subscriptions += 1
        return self

    async def fetch(self, *_: Any, **__: Any) -> list[Any]:
        self.asked += 1
        if self.asked > 3:
            self.over.set()
            await asyncio.Event().wait()
        return self._says()

    async def unsubscribe(self) -> None:
        """The consumer is left."""


def expired() -> list[Any]:
    raise TimeoutError


@pytest.mark.parametrize("says", [list, expired])
async def test_an_idle_stream_is_no_trouble_however_the_client_says_so(
    says: Callable[[], list[Any]], monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    index = ArticleIndex(tmp_path)
    index.open()
    index.restart("2026-11-22")
    warnings: list[dict[str, Any]] = []
    monkeypatch.setattr(feed.log, "warning", lambda *_, **told: warnings.append(told))
    quiet = Quiet(says)
    follows = Feed(quiet, index)  # type: ignore[arg-type]
    running = asyncio.create_task(follows.run())
    await asyncio.wait_for(quiet.over.wait(), 20)
    running.cancel()
    assert (warnings, quiet.subscriptions) == ([], 1)
    await follows.check()
