"""Handing out attachments: always as a download, never as something that a browser would run."""

from collections.abc import AsyncIterator
from itertools import chain
from typing import Any
from urllib.parse import quote
from uuid import UUID

import msgspec
from litestar import get
from litestar.datastructures import State
from litestar.response import Stream

from chassis.access import ASKERS, DESK, principal_of
from chassis.asking import AnyRequest
from chassis.auditing import noted
from chassis.describing import answering
from chassis.errors import NotFound
from services.intake.api.support import cases_of, find
from services.intake.channels.attachments.kept import Attachments
from services.intake.channels.hub import hub_of
from services.intake.channels.media import FETCHED
from services.intake.record.outward import attached, key_of, own_files

_BLOCK = 255 * 1024
_SAFE = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox; default-src 'none'"}


@get(
    "/attachments/{attachment_id:str}",
    roles=DESK,
    tags=["channels"],
    summary="下载附件",
    operation_class=answering("*/*"),
)
async def attachment(state: State, request: AnyRequest, attachment_id: str) -> Stream:
    """A file that came with a message, as a download for staff."""
    return await _handed_out(state, request, attachment_id, "attachment")


@get(
    "/cases/{reference:str}/files/{key:str}",
    roles=ASKERS,
    tags=["cases"],
    summary="下载工单的附件",
    operation_class=answering("*/*"),
)
async def case_file(state: State, request: AnyRequest, reference: str, key: str) -> Stream:
    """A file of a case; a hospital takes those of its own people. `key` is the last part of the attachment's `url`."""
    found, who = await find(state, request, reference), principal_of(request)
    history = [msgspec.json.decode(text) for text in await cases_of(state).history(found.id) or ()]
    assert found.state is not None
    mine = own_files(found.state, history) if who.role == "hospital" else chain(*attached(history).values())
    if (file := next((file for file in mine if key_of(file) == key), None)) is None:
        raise NotFound("not_found", "工单中没有这个附件: 请从工单中重新打开")
    where: str = file["url"]
    if where.startswith(FETCHED):
        where = await hub_of(state).media.find(UUID(key))
    about = found.state.institution_code or ""
    return await _handed_out(state, request, where.rpartition("/")[2], found.state.number, about)


async def _handed_out(
    state: State, request: AnyRequest, attachment_id: str, of: str, institution: str = ""
) -> Stream:  # fmt: skip
    """Who takes it is noted, for it may hold personal data. `of` is what it belongs to."""
    attachments: Attachments = state.service.state["attachments"]
    kept = await attachments.open(attachment_id)
    detail = f"附件 {attachment_id[:12]}"
    await noted(state.service, request, "revealed", of, institution=institution, detail=detail)
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
