"""Prints a hospital's book: its articles from MongoDB, by the hundred, into a child process that lays out the pages."""

import asyncio
from collections.abc import AsyncIterator
from typing import Final

import msgspec

from chassis.errors import Refused
from chassis.logging import logger
from chassis.store import Raw
from services.knowledge import child
from services.knowledge.archive.choosing import Front, audiences, entry_of
from services.knowledge.archive.metrics import PRINTED
from services.knowledge.articles.store import Articles
from services.knowledge.child import Bounds, Crashed, Stopped

MODULE: Final = "services.knowledge.archive.press"
BOUNDS: Final = Bounds(wall_s=300, answer_mb=128)
MOST: Final = 5_000
_AT_ONCE: Final = 100
EMPTY: Final = (
    "这家机构还没有可以打印的条目: 请先把条目的读者范围设为这家机构并审核发布, "
    "或加上 ?with=hospitals 打印面向全部医院的条目"
)

log = logger(__name__)


class Press:
    """One book at a time; the others wait."""

    def __init__(self, articles: Articles, bounds: Bounds = BOUNDS) -> None:
        self._articles, self._bounds = articles, bounds
        self._turn = asyncio.Semaphore(1)

    async def print(self, front: Front) -> bytes:
        """The PDF. Raises Refused when there is nothing to print, or too much."""
        query = _query(front)
        count = await self._articles.collection.count_documents(query, limit=MOST + 1)
        if not count:
            raise Refused("empty_archive", EMPTY)
        if count > MOST:
            raise Refused("too_many", f"条目超过 {MOST} 条, 一册印不下: 请去掉 ?with=hospitals, 只打印专属条目")
        async with self._turn:
            try:
                with PRINTED.time():
                    return await child.answer_of(MODULE, self._feed(front, query), self._bounds)
            except (Stopped, Crashed) as error:
                log.error("an archive could not be printed", institution=front.institution, error=str(error)[:200])
                told = "档案内容过多, 没有在限定的时间和内存内排完版: 请去掉 ?with=hospitals 再试, 或联系运维查看日志"
                raise Refused("not_printed", told) from None

    async def _feed(self, front: Front, query: Raw) -> AsyncIterator[bytes]:
        yield msgspec.json.encode(front) + b"\n"
        allowed = audiences(front.institution, front.with_hospitals)
        ids = [raw["_id"] async for raw in self._articles.collection.find(query, {"_id": 1}, limit=MOST)]
        for first in range(0, len(ids), _AT_ONCE):
            documents = await self._articles.read({"_id": {"$in": ids[first : first + _AT_ONCE]}})
            entries = (entry_of(d.state, allowed) for d in documents if d.state is not None)
            yield b"".join(msgspec.json.encode(entry) + b"\n" for entry in entries if entry is not None)


def _query(front: Front) -> Raw:
    allowed = audiences(front.institution, front.with_hospitals)
    return {"state.live.audience": {"$in": list(allowed)}}
