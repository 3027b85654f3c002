"""Files of other services on their way to a browser, block by block."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any, Final

from httpx import codes
from litestar.response import Stream

from services.console.asking import Answered, Asker

_TOLD: Final = ("Content-Type", "Content-Disposition", "Content-Length", "X-Content-Type-Options")


async def download(desk: Asker, service: str, path: str, **query: Any) -> Stream:
    """Raises Answered before anything of the file is sent."""
    async with AsyncExitStack() as opened:
        answer = await opened.enter_async_context(desk.stream(service, path, **query))
        if answer.status_code == codes.ACCEPTED:
            raise Answered(503, "文件正在准备: 请稍后再下载")
        held = opened.pop_all()

    async def blocks() -> AsyncIterator[bytes]:
        async with held:
            async for block in answer.aiter_raw():
                yield block

    headers = {name: answer.headers[name] for name in _TOLD if name in answer.headers}
    return Stream(blocks(), headers=headers)
