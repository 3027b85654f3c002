"""Reading an original over HTTP: first it is written down who reads it and why, only then is it decrypted."""

from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, post
from litestar.datastructures import State

from chassis.access import DESK
from chassis.asking import AnyRequest
from chassis.auditing import noted
from chassis.errors import NotFound, Refused
from chassis.personal.masking import mask
from chassis.store import binary
from chassis.vault import Unreadable, Vault
from contracts.casework import RevealOriginal
from contracts.channel import CHANNELS
from contracts.envelope import derive_id
from services.intake.api.support import Json, command, find
from services.intake.model import Case
from services.intake.originals.aside import Original, read
from services.intake.originals.reveal import SHORTEST_REASON, line_with
from services.intake.text.plain import cut, normalise

_PRIVATE = {"Cache-Control": "no-store"}


class Reveal(msgspec.Struct):
    """Why somebody has to read what is masked."""

    reason: str


@post(
    "/cases/{reference:str}/messages/{message_id:str}/reveal", roles=DESK, status_code=200, tags=["cases"],
    summary="查看原文",
)  # fmt: skip
async def reveal(state: State, request: AnyRequest, reference: str, message_id: str, data: Reveal) -> Response[Json]:
    """The original of a masked message (查看原文). Who, when and why stand on the case's timeline for good."""
    if len(data.reason.strip()) < SHORTEST_REASON:
        raise _NoReason("no_reason", "请写明查看原文的理由 (至少 4 个字), 例如: 核对参保人身份")
    asked = {"message_id": message_id, "reason": data.reason.strip()}
    done = await command(state, request, reference, RevealOriginal, asked)
    if done.content.get("status") != "done":  # refused, or late: then nothing is shown
        return done
    document = await find(state, request, reference)
    assert document.state is not None
    original = await _original(state, document.state, message_id)
    about, cause = document.state.institution_code or "", UUID(done.content["command_id"])
    number, why = document.state.number, asked["reason"]
    await noted(state.service, request, "revealed", number, institution=about, detail=f"原文: {why}", cause=cause)
    return Response({"message_id": message_id, **_shown(original)}, status_code=200, headers=_PRIVATE)


class _NoReason(Refused):
    status = 400


async def _original(state: State, case: Case, message_id: str) -> Original:
    """Messages that were moved here may come from another channel; then the one that reads like the line."""
    causes = list(dict.fromkeys(derive_id("channel", channel, message_id) for channel in (case.channel, *CHANNELS)))
    rows = state.service.db["originals"].find({"_id": {"$in": [binary(cause) for cause in causes]}})
    found: dict[UUID, bytes] = {row["_id"]: row["sealed"] async for row in rows}
    vault: Vault = state.service.state["vault"]
    try:
        originals = [read(vault.open(cause, found[cause])) for cause in causes if cause in found]
    except Unreadable as error:
        raise Refused("unreadable", f"{error}: 请联系管理员恢复当时的密钥 (YIBAO_SECRET_KEY)") from None
    if not originals:
        raise NotFound("no_original", "没有这条消息的原文: 它到达时没有需要遮蔽的内容")
    line = line_with(case, message_id)
    return next((o for o in originals if line and _reads_like(o, line.text)), originals[0])


def _reads_like(original: Original, text: str) -> bool:
    return (mask(cut(normalise(original.text))[0]) or "[附件]") in text


def _shown(original: Original) -> dict[str, Any]:
    return {name: getattr(original, name) for name in original.__struct_fields__}
