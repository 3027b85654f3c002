"""Uploads wait for their turn on disk, not in memory."""

import asyncio
from typing import Any

from services.knowledge.documents.importing import Wanted
from services.knowledge.documents.trouble import Unreadable
from services.knowledge.documents.uploading import Uploads


class Counting:
    """An upload, and a reader that takes its time: `most` is how many files were in memory at once."""

    filename = "a.md"
    held = most = closed = 0

    async def read(self, *_: Any) -> bytes:
        Counting.held += 1
        Counting.most = max(Counting.most, Counting.held)
        return b"x"

    async def close(self) -> None:
        Counting.closed += 1


class Slow:
    async def read(self, *_: Any) -> Any:
        for _turn in range(20):
            await asyncio.sleep(0)
        Counting.held -= 1
        raise Unreadable("broken")


async def test_only_the_file_that_is_being_read_is_in_memory() -> None:
    nothing: Any = None
    slow: Any = Slow()
    uploads, file = Uploads(nothing, nothing, slow, 1), Counting()
    some: Any = file
    results = await asyncio.gather(*(uploads.take(nothing, some, Wanted("培训"), "") for _ in range(30)))
    assert {result["code"] for result in results} == {"broken"}
    assert (Counting.most, Counting.closed) == (1, 30)
