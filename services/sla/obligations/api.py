"""HTTP of obligations: what is due, how far it is, and what staff say about it."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal
from uuid import UUID, uuid4

import msgspec
from litestar import Controller, Request, Response, get, post
from litestar.datastructures import State, UploadFile
from litestar.enums import RequestEncodingType
from litestar.exceptions import HTTPException
from litestar.params import Body, Parameter
from litestar.response import File

from chassis.errors import NotFound
from chassis.http import actor_of, carry_out, now
from chassis.store import Document
from chassis.zone import month_in
from contracts.envelope import derive_id
from contracts.obligation import (
    AcknowledgeObligation,
    AttachEvidence,
    FulfilObligation,
    ItemProgress,
    ObligationCommand,
    ReopenObligation,
    ReportObligationProgress,
    WaiveObligation,
)
from services.sla.obligations.evidence import Files
from services.sla.obligations.model import Occurrence
from services.sla.obligations.private import impersonal
from services.sla.obligations.shown import summary, whole
from services.sla.obligations.store import Occurrences

Json = dict[str, Any]
AnyRequest = Request[Any, Any, Any]
Month = Annotated[str | None, Parameter(description="截止所在的月份, 例如 2026-11")]


class Progressed(msgspec.Struct):
    """4105: `done` is uploadedCnt, `of` is needUploadCnt."""

    items: list[ItemProgress]


class Fulfilled(msgspec.Struct):
    """Without `items` all that are open."""

    items: list[str] = []
    note: str = ""


class Reasoned(msgspec.Struct):
    """Without `items` all that are open, where that makes sense."""

    reason: str
    items: list[str] = []


@dataclass
class Piece:
    """The form: a note, a file, or both. `item` may be left out where there is only one."""

    note: str = ""
    item: str = ""
    file: UploadFile | None = None


class ObligationController(Controller):
    """Obligations (服务义务): monthly and contractual duties."""

    path = "/obligations"
    tags = ("obligations",)

    @get()
    async def list_obligations(
        self, state: State, month: Month = None, institution: str | None = None, contract: str | None = None,
        shown: Annotated[
            Literal["open", "overdue", "completed", "dropped"] | None, Parameter(query="state")
        ] = None,
        limit: Annotated[int, Parameter(ge=1, le=500)] = 100,
    ) -> list[Json]:  # fmt: skip
        """What is open or not yet due, the soonest deadline first; of a month or state all there is."""
        try:
            due = month_in(month) if month else None
        except ValueError:
            raise HTTPException(status_code=400, detail="month 应为月份, 例如 2026-11") from None
        found = await _occurrences(state).list(now(), due, shown, institution, contract, limit)
        return [summary(document, institution) for document in found]

    @get("/definitions", sync_to_thread=False)
    def definitions(self, state: State) -> list[Json]:
        """What the desk owes, as the file says it."""
        return [{**msgspec.to_builtins(d), "version": d.version} for d in state.service.state["planner"].definitions]

    @get("/{id_:uuid}")
    async def one(self, state: State, id_: UUID) -> Json:
        """With its items and their evidence."""
        return whole(await _find(state, id_))

    @post("/{id_:uuid}/progress", status_code=200)
    async def progress(self, state: State, request: AnyRequest, id_: UUID, data: Progressed) -> Response[Json]:
        """How far institutions are (进度, 上传率)."""
        return await _wish(state, request, id_, ReportObligationProgress, items=tuple(data.items))

    @post("/{id_:uuid}/fulfil", status_code=200)
    async def fulfil(self, state: State, request: AnyRequest, id_: UUID, data: Fulfilled) -> Response[Json]:
        """These are done (完成)."""
        note = impersonal(data.note)
        return await _wish(state, request, id_, FulfilObligation, items=tuple(data.items), note=note)

    @post("/{id_:uuid}/waive", status_code=200)
    async def waive(self, state: State, request: AnyRequest, id_: UUID, data: Reasoned) -> Response[Json]:
        """These need not be done, and why (免除)."""
        reason = impersonal(data.reason)
        return await _wish(state, request, id_, WaiveObligation, items=tuple(data.items), reason=reason)

    @post("/{id_:uuid}/reopen", status_code=200)
    async def reopen(self, state: State, request: AnyRequest, id_: UUID, data: Reasoned) -> Response[Json]:
        """These are not done after all, and why (重新打开)."""
        reason = impersonal(data.reason)
        return await _wish(state, request, id_, ReopenObligation, items=tuple(data.items), reason=reason)

    @post("/{id_:uuid}/acknowledge", status_code=200)
    async def acknowledge(self, state: State, request: AnyRequest, id_: UUID) -> Response[Json]:
        """Take note: no more reminders and escalations; notices of the day and the deadline are still told (知悉)."""
        return await _wish(state, request, id_, AcknowledgeObligation)

    @post("/{id_:uuid}/evidence", status_code=200)
    async def attach(
        self, state: State, request: AnyRequest, id_: UUID,
        data: Annotated[Piece, Body(media_type=RequestEncodingType.MULTI_PART)],
    ) -> Response[Json]:  # fmt: skip
        """Add evidence (凭证): form fields `note`, `file`, `item`. Of a training each piece counts as one."""
        actor_of(request)
        document = await _find(state, id_)
        assert document.state is not None
        keys = [item.key for item in document.state.planned]
        item = data.item or (keys[0] if len(keys) == 1 else "")
        if item not in keys:
            raise NotFound("not_found", "请用表单字段 item 说明是哪一家的凭证: 机构编码须在这项义务内")
        note = impersonal(data.note)
        file = await _files(state).keep(data.file) if isinstance(data.file, UploadFile) else None
        return await _wish(state, request, id_, AttachEvidence, item=item, note=note, file=file)

    @get("/{id_:uuid}/evidence/{evidence_id:uuid}")
    async def file(self, state: State, request: AnyRequest, id_: UUID, evidence_id: UUID) -> File:
        """The file of a piece of evidence, as a download for staff."""
        actor_of(request)
        document = await _find(state, id_)
        assert document.state is not None
        pieces = (piece for item in document.state.items for piece in item.evidence if piece.id == evidence_id)
        if (found := next(pieces, None)) is None:
            raise NotFound("not_found", "没有这份凭证: 请核对编号")
        return _files(state).hand_out(found)


async def _wish(
    state: State, request: AnyRequest, id_: UUID, command: type[ObligationCommand], **facts: Any
) -> Response[Json]:
    """With `Idempotency-Key` the same wish is carried out once."""
    actor, key = actor_of(request), request.headers.get("Idempotency-Key")
    wish = command(
        id=derive_id("idempotency", "obligation", actor.id, id_, key) if key else uuid4(),
        type=command.model_fields["type"].default,
        occurred_at=now(),
        actor=actor,
        obligation_id=id_,
        **facts,
    )
    return await carry_out(state.service, wish, f"/obligations/{id_}")


async def _find(state: State, id_: UUID) -> Document[Occurrence]:
    if (found := await _occurrences(state).find(id_)) is None:
        raise NotFound("not_found", f"没有这项义务 {id_}: 请从 GET /obligations 中选择")
    return found


def _occurrences(state: State) -> Occurrences:
    occurrences: Occurrences = state.service.state["obligations"]
    return occurrences


def _files(state: State) -> Files:
    files: Files = state.service.state["evidence"]
    return files
