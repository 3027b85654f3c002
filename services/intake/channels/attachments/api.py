"""Handing out attachments: always as a download, never as something that a browser would run."""

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

from litestar import get
from litestar.datastructures import State
from litestar.response import Stream

from services.intake.channels.attachments.kept import Attachments

_BLOCK = 255 * 1024
_SAFE = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox; default-src 'none'"}


@get("/attachments/{attachment_id:str}", tags=["channels"])
async def attachment(state: State, attachment_id: str) -> Stream:
    """A file that came with a message, as a download."""
    attachments: Attachments = state.service.state["attachments"]
    kept = await attachments.open(attachment_id)
    headers = {
        **_SAFE,
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(kept.name, safe='')}",
        "Content-Length": str(kept.size),
        "Cache-Control": "private, max-age=86400, immutable",
    }
    return Stream(_blocks(kept.content), media_type=kept.media_type, headers=headers)


async def _blocks(content: Any) -> AsyncIterator[bytes]:
    while block := await content.read(_BLOCK):
        yield block
