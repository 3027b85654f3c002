"""Handing out attachments: always as a download, never as something that a browser would run."""

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

from litestar import Request, get
from litestar.datastructures import State
from litestar.response import Stream

from chassis.http import actor_of
from chassis.logging import logger
from services.intake.channels.attachments.kept import Attachments

log = logger(__name__)

_BLOCK = 255 * 1024
_SAFE = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox; default-src 'none'"}


@get("/attachments/{attachment_id:str}", tags=["channels"], summary="下载附件")
async def attachment(state: State, request: Request[Any, Any, Any], attachment_id: str) -> Stream:
    """A file that came with a message, as a download for staff; who took it is logged."""
    actor = actor_of(request)
    attachments: Attachments = state.service.state["attachments"]
    kept = await attachments.open(attachment_id)
    log.info("attachment read", staff=actor.id, attachment=attachment_id)
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
