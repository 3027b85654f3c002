"""HTTP of obligations: what is due, how far it is, and what staff say about it."""

from dataclasses import dataclass
from typing import Annotated, Any, Final, TypeVar
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
from services.sla.obligations.shown import summary, whole
from services.sla.obligations.store import Occurrences
from services.sla.obligations.words import check_room
from services.sla.private import impersonal

Json = dict[str, Any]
C = TypeVar("C", bound=ObligationCommand)
AnyRequest = Request[Any, Any, Any]
SHOWN: Final = ("open", "overdue", "completed", "dropped")
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

    @get(summary="服务义务列表")
    async def list_obligations(
        self, state: State, month: Month = None, institution: str | None = None, contract: str | None = None,
        shown: Annotated[str | None, Parameter(query="state", description=", ".join(SHOWN))] = None,
        limit: Annotated[int, Parameter(ge=1, le=500)] = 100,
    ) -> list[Json]:  # fmt: skip
        """What is open or not yet due, the soonest deadline first; of a month or state all there is."""
        try:
            due = month_in(month) if month else None
        except ValueError:
            raise HTTPException(status_code=400, detail="month 应为月份, 例如 2026-11") from None
        if shown not in (None, *SHOWN):
            raise HTTPException(status_code=400, detail=f"state 应为 {', '.join(SHOWN)} 之一")
        found = await _occurrences(state).list(now(), due, shown, institution, contract, limit)
        return [summary(document, institution) for document in found]

    @get("/definitions", sync_to_thread=False, summary="义务的约定")
    def definitions(self, state: State) -> list[Json]:
        """What the desk owes, as the file says it."""
        return [{**msgspec.to_builtins(d), "version": d.version} for d in state.service.state["planner"].definitions]

    @get("/{id_:uuid}", summary="一项服务义务")
    async def one(self, state: State, id_: UUID) -> Json:
        """With its items and their evidence."""
        return whole(await _find(state, id_))

    @post("/{id_:uuid}/progress", status_code=200, summary="登记进度")
    async def progress(self, state: State, request: AnyRequest, id_: UUID, data: Progressed) -> Response[Json]:
        """How far institutions are (进度, 上传率)."""
        return await _wish(state, request, id_, ReportObligationProgress, items=tuple(data.items))

    @post("/{id_:uuid}/fulfil", status_code=200, summary="登记完成")
    async def fulfil(self, state: State, request: AnyRequest, id_: UUID, data: Fulfilled) -> Response[Json]:
        """These are done (完成)."""
        note = impersonal(data.note)
        return await _wish(state, request, id_, FulfilObligation, items=tuple(data.items), note=note)

    @post("/{id_:uuid}/waive", status_code=200, summary="免除")
    async def waive(self, state: State, request: AnyRequest, id_: UUID, data: Reasoned) -> Response[Json]:
        """These need not be done, and why (免除)."""
        reason = impersonal(data.reason)
        return await _wish(state, request, id_, WaiveObligation, items=tuple(data.items), reason=reason)

    @post("/{id_:uuid}/reopen", status_code=200, summary="重新打开")
    async def reopen(self, state: State, request: AnyRequest, id_: UUID, data: Reasoned) -> Response[Json]:
        """These are not done after all, and why (重新打开)."""
        reason = impersonal(data.reason)
        return await _wish(state, request, id_, ReopenObligation, items=tuple(data.items), reason=reason)

    @post("/{id_:uuid}/acknowledge", status_code=200, summary="知悉")
    async def acknowledge(self, state: State, request: AnyRequest, id_: UUID) -> Response[Json]:
        """Take note: no more reminders and escalations; notices of the day and the deadline are still told (知悉)."""
        return await _wish(state, request, id_, AcknowledgeObligation)

    @post("/{id_:uuid}/evidence", status_code=200, summary="上传凭证")
    async def attach(
        self, state: State, request: AnyRequest, id_: UUID,
        data: Annotated[Piece, Body(media_type=RequestEncodingType.MULTI_PART)],
    ) -> Response[Json]:  # fmt: skip
        """Add evidence (凭证): form fields `note`, `file`, `item`. Of a training each piece counts as one."""
        document = await _find(state, id_)
        assert document.state is not None
        keys = [item.key for item in document.state.planned]
        item = data.item or (keys[0] if len(keys) == 1 else "")
        if item not in keys:
            raise NotFound("not_found", "请用表单字段 item 说明是哪一家的凭证: 机构编码须在这项义务内")
        wish = _wanted(request, id_, AttachEvidence, item=item, note=impersonal(data.note))
        check_room(document.state, item)
        if isinstance(data.file, UploadFile):  # kept when nothing else is wrong, for nobody would take it away again
            wish = wish.model_copy(update={"file": await _files(state).keep(data.file)})
        return await carry_out(state.service, wish, f"/obligations/{id_}")

    @get("/{id_:uuid}/evidence/{evidence_id:uuid}", summary="下载凭证")
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
    return await carry_out(state.service, _wanted(request, id_, command, **facts), f"/obligations/{id_}")


def _wanted(request: AnyRequest, id_: UUID, command: type[C], **facts: Any) -> C:
    """With `Idempotency-Key` the same wish is carried out once."""
    actor, key, type_ = actor_of(request), request.headers.get("Idempotency-Key"), command.model_fields["type"].default
    return command(
        id=derive_id("idempotency", type_, actor.id, id_, key) if key else uuid4(),
        type=type_,
        occurred_at=now(),
        actor=actor,
        obligation_id=id_,
        **facts,
    )


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
