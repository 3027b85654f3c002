"""All HTTP of intake: list and read cases, and the commands of staff."""

from typing import Annotated, Any
from uuid import UUID, uuid4

import msgspec
from litestar import Controller, Request, Response, get, post
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from litestar.params import Parameter

from chassis.errors import NotFound
from chassis.http import actor_of, carry_out, now
from chassis.store import Document
from contracts.case import (
    AssignCase,
    CaseCommand,
    CloseCase,
    EscalateCase,
    PutCaseOnWait,
    ReopenCase,
    ResolveCase,
    RespondToCase,
    WaitingFor,
)
from contracts.channel import Channel
from contracts.envelope import derive_id
from services.intake.model import Case, Status
from services.intake.store import Cases

Json = dict[str, Any]
Any_ = Request[Any, Any, Any]
_OUTCOMES = {"case.opened": "case", "case.message_added": "addition", "case.message_repeated": "duplicate"}


class Assign(msgspec.Struct):
    assignee: str


class Respond(msgspec.Struct):
    text: str


class Wait(msgspec.Struct):
    waiting_for: WaitingFor
    reason: str


class Escalate(msgspec.Struct):
    reason: str
    external_number: str | None = None


class Resolve(msgspec.Struct):
    resolution: str


class Reason(msgspec.Struct):
    reason: str


class CaseController(Controller):
    """Cases (工单). `reference` is a case's id or its number."""

    path = "/cases"
    tags = ("cases",)

    @get()
    async def list_cases(
        self, state: State, status: Status | None = None, assignee: str | None = None, channel: Channel | None = None,
        limit: Annotated[int, Parameter(ge=1, le=500)] = 50,
    ) -> list[Json]:  # fmt: skip
        """The most recently touched cases first."""
        query = {"state.status": status, "state.assignee": assignee, "state.channel": channel}
        found = await _cases(state).list({k: v for k, v in query.items() if v is not None}, limit)
        return [_summary(d) for d in found]

    @get("/counts")
    async def counts(self, state: State) -> Json:
        """Cases by status and by category, and in all."""
        table = await _cases(state).by_status_and_category()
        by_status: dict[str, int] = {}
        by_category: dict[str, int] = {}
        for (status, category), n in table.items():
            by_status[status] = by_status.get(status, 0) + n
            by_category[category] = by_category.get(category, 0) + n
        return {"total": sum(table.values()), "by_status": by_status, "by_category": by_category}

    @get("/{reference:str}")
    async def read_case(self, state: State, reference: str) -> Json:
        """The case with its whole timeline (every event about it, oldest first)."""
        found = await _find(state, reference)
        history = await _cases(state).history(found.id) or []
        return {**_summary(found), "timeline": [msgspec.json.decode(text) for text in history]}

    @post("/{reference:str}/assign", status_code=200)
    async def assign(self, state: State, request: Any_, reference: str, data: Assign) -> Response[Json]:
        """Give the case to a member of staff."""
        return await _command(state, request, reference, AssignCase, data)

    @post("/{reference:str}/respond", status_code=200)
    async def respond(self, state: State, request: Any_, reference: str, data: Respond) -> Response[Json]:
        """Answer the requester in the channel of the case."""
        return await _command(state, request, reference, RespondToCase, data)

    @post("/{reference:str}/wait", status_code=200)
    async def wait(self, state: State, request: Any_, reference: str, data: Wait) -> Response[Json]:
        """Somebody else owes the next step."""
        return await _command(state, request, reference, PutCaseOnWait, data)

    @post("/{reference:str}/escalate", status_code=200)
    async def escalate(self, state: State, request: Any_, reference: str, data: Escalate) -> Response[Json]:
        """Hand the problem to the provincial platform."""
        return await _command(state, request, reference, EscalateCase, data)

    @post("/{reference:str}/resolve", status_code=200)
    async def resolve(self, state: State, request: Any_, reference: str, data: Resolve) -> Response[Json]:
        """Solved: the resolution becomes a searchable article."""
        return await _command(state, request, reference, ResolveCase, data)

    @post("/{reference:str}/close", status_code=200)
    async def close(self, state: State, request: Any_, reference: str, data: Reason) -> Response[Json]:
        """Nothing more to come; the conversation's next message opens a new case."""
        return await _command(state, request, reference, CloseCase, data)

    @post("/{reference:str}/reopen", status_code=200)
    async def reopen(self, state: State, request: Any_, reference: str, data: Reason) -> Response[Json]:
        """Take a resolved or closed case up again."""
        return await _command(state, request, reference, ReopenCase, data)


@get("/messages/{channel:str}/{message_id:str}", tags=["cases"])
async def message_outcome(state: State, channel: str, message_id: str) -> Json:
    """What became of a channel message: a case, an addition to one, or a duplicate. 404 while it is not handled."""
    cases = _cases(state)
    cause = derive_id("channel", channel, message_id)
    if (found := await cases.knowing(cause)) is None:
        raise NotFound("not_found", "这条消息还没有处理: 请稍后再查, 或用 yibao dead list 查看死信")
    events = [msgspec.json.decode(text) for text in await cases.history(found.id) or []]
    outcome = next(_OUTCOMES[e["type"]] for e in events if e["cause_id"] == str(cause) and e["type"] in _OUTCOMES)
    return {"outcome": outcome, **_summary(found)}


def _cases(state: State) -> Cases:
    cases: Cases = state.service.state["cases"]
    return cases


async def _find(state: State, reference: str) -> Document[Case]:
    if (found := await _cases(state).find(reference)) is None:
        raise NotFound("not_found", f"没有工单 {reference}: 请核对编号")
    return found


def _summary(document: Document[Case]) -> Json:
    assert document.state is not None
    state: Json = msgspec.to_builtins(document.state)
    return {"id": str(document.id), "version": document.version, **state}


async def _command(
    state: State, request: Any_, reference: str, command: type[CaseCommand], data: msgspec.Struct
) -> Response[Json]:
    found = await _find(state, reference)
    match = request.headers.get("If-Match", "").strip('" ')
    if match and not match.isdigit():
        raise HTTPException(status_code=400, detail='If-Match 应为工单的版本号, 例如 "3"')
    key, actor = request.headers.get("Idempotency-Key"), actor_of(request)
    wish = command.model_validate(
        {
            "id": derive_id("idempotency", command.__name__, found.id, actor.id, key) if key else uuid4(),
            "occurred_at": now(),
            "actor": actor,
            "case_id": UUID(str(found.id)),
            "expected_version": int(match) if match.isdigit() else None,
            **msgspec.to_builtins(data),
        }
    )
    return await carry_out(state.service, wish, f"/cases/{found.id}")
