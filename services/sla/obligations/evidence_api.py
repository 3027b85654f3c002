"""HTTP of the evidence for obligations: hand in a note or a file, take it out again."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.datastructures import State, UploadFile
from litestar.enums import RequestEncodingType
from litestar.params import Body
from litestar.response import File

from chassis.access import STAFF, WITH_HOSPITALS, principal_of
from chassis.auditing import noted
from chassis.describing import answering
from chassis.errors import NotFound
from chassis.http import carry_out
from contracts.obligation import AttachEvidence
from services.sla.obligations.asking import AnyRequest, Json, find, wanted
from services.sla.obligations.evidence import Files
from services.sla.obligations.words import check_room
from services.sla.private import impersonal


@dataclass
class Piece:
    """The form: a note, a file, or both. `item` may be left out where there is only one."""

    note: str = ""
    item: str = ""
    file: UploadFile | None = None


class EvidenceController(Controller):
    """Evidence (凭证) of obligations."""

    path = "/obligations/{id_:uuid}/evidence"
    tags = ("obligations",)

    @post(status_code=200, roles=STAFF, summary="上传凭证")
    async def attach(
        self, state: State, request: AnyRequest, id_: UUID,
        data: Annotated[Piece, Body(media_type=RequestEncodingType.MULTI_PART)],
    ) -> Response[Json]:  # fmt: skip
        """Add evidence (凭证): form fields `note`, `file`, `item`. Of a training each piece counts as one."""
        document = await find(state, id_, principal_of(request))
        assert document.state is not None
        keys = [item.key for item in document.state.planned]
        item = data.item or (keys[0] if len(keys) == 1 else "")
        if item not in keys:
            raise NotFound("not_found", "请用表单字段 item 说明是哪一家的凭证: 机构编码须在这项义务内")
        wished = wanted(request, id_, AttachEvidence, item=item, note=impersonal(data.note))
        check_room(document.state, item)
        if isinstance(data.file, UploadFile):  # kept when nothing else is wrong, for nobody would take it away again
            wished = wished.model_copy(update={"file": await _files(state).keep(data.file)})
        return await carry_out(state.service, wished, f"/obligations/{id_}")

    @get("/{evidence_id:uuid}", roles=WITH_HOSPITALS, summary="下载凭证", operation_class=answering("*/*"))
    async def file(self, state: State, request: AnyRequest, id_: UUID, evidence_id: UUID) -> File:
        """The file of a piece of evidence, as a download; a hospital those of its own item."""
        document = await find(state, id_, principal_of(request))
        assert document.state is not None
        pieces = ((item, piece) for item in document.state.items for piece in item.evidence if piece.id == evidence_id)
        if (found := next(pieces, None)) is None:
            raise NotFound("not_found", "没有这份凭证: 请核对编号")
        item, piece = found
        file = _files(state).hand_out(piece)
        await noted(state.service, request, "exported", f"evidence {evidence_id}", institution=item.key)
        return file


def _files(state: State) -> Files:
    files: Files = state.service.state["evidence"]
    return files
