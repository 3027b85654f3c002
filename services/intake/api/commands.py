"""HTTP that changes cases: each route is one command on the log."""

from typing import Literal

import msgspec
from litestar import Controller, Response, post
from litestar.datastructures import State

from chassis.access import DESK
from chassis.asking import AnyRequest
from contracts.case import (
    AssignCase,
    Category,
    CloseCase,
    EscalateCase,
    Priority,
    PutCaseOnWait,
    ReopenCase,
    ResolveCase,
    RespondToCase,
    WaitingFor,
)
from contracts.casework import CategoriseCase, MergeCase, MoveMessages, NoteCase, Phase, VisitCase
from services.intake.api.support import Json, command, find


class Assign(msgspec.Struct):
    assignee: str
    reason: str = ""


class Respond(msgspec.Struct):
    text: str
    via: Literal["channel", "phone", "onsite"] = "channel"


class Wait(msgspec.Struct):
    waiting_for: WaitingFor
    reason: str


class Escalate(msgspec.Struct):
    reason: str
    external_number: str | None = None
    to: Literal["province", "vendor"] = "province"


class Resolve(msgspec.Struct):
    resolution: str


class Reason(msgspec.Struct):
    reason: str


class Note(msgspec.Struct):
    text: str


class Categorise(msgspec.Struct):
    category: Category | None = None
    priority: Priority | None = None


class Merge(msgspec.Struct):
    """`into` is the other case's id or number."""

    into: str
    reason: str = ""


class Move(msgspec.Struct):
    """Without `to` (an id or a number) the messages become a case of their own."""

    message_ids: list[str]
    to: str | None = None
    reason: str = ""


class Visit(msgspec.Struct):
    engineer: str
    phase: Phase
    place: str = ""
    note: str = ""


class CommandController(Controller):
    """What staff do with cases. `reference` is a case's id or its number."""

    path = "/cases"
    tags = ("cases",)

    @post("/{reference:str}/assign", status_code=200, roles=DESK, summary="分派")
    async def assign(self, state: State, request: AnyRequest, reference: str, data: Assign) -> Response[Json]:
        """Give the case to a member of staff."""
        return await command(state, request, reference, AssignCase, data)

    @post("/{reference:str}/respond", status_code=200, roles=DESK, summary="答复")
    async def respond(self, state: State, request: AnyRequest, reference: str, data: Respond) -> Response[Json]:
        """Answer the requester in the channel of the case, or record what was said on the phone or on site."""
        return await command(state, request, reference, RespondToCase, data)

    @post("/{reference:str}/wait", status_code=200, roles=DESK, summary="转等待")
    async def wait(self, state: State, request: AnyRequest, reference: str, data: Wait) -> Response[Json]:
        """Somebody else owes the next step."""
        return await command(state, request, reference, PutCaseOnWait, data)

    @post("/{reference:str}/escalate", status_code=200, roles=DESK, summary="上报")
    async def escalate(self, state: State, request: AnyRequest, reference: str, data: Escalate) -> Response[Json]:
        """Hand the problem to the provincial platform."""
        return await command(state, request, reference, EscalateCase, data)

    @post("/{reference:str}/resolve", status_code=200, roles=DESK, summary="解决")
    async def resolve(self, state: State, request: AnyRequest, reference: str, data: Resolve) -> Response[Json]:
        """Solved: the resolution becomes a searchable article."""
        return await command(state, request, reference, ResolveCase, data)

    @post("/{reference:str}/close", status_code=200, roles=DESK, summary="关闭")
    async def close(self, state: State, request: AnyRequest, reference: str, data: Reason) -> Response[Json]:
        """Nothing more to come."""
        return await command(state, request, reference, CloseCase, data)

    @post("/{reference:str}/reopen", status_code=200, roles=DESK, summary="重新打开")
    async def reopen(self, state: State, request: AnyRequest, reference: str, data: Reason) -> Response[Json]:
        """Take a resolved or closed case up again."""
        return await command(state, request, reference, ReopenCase, data)

    @post("/{reference:str}/note", status_code=200, roles=DESK, summary="备注")
    async def note(self, state: State, request: AnyRequest, reference: str, data: Note) -> Response[Json]:
        """A note for colleagues; the requester does not see it."""
        return await command(state, request, reference, NoteCase, data)

    @post("/{reference:str}/categorise", status_code=200, roles=DESK, summary="改类别与优先级")
    async def categorise(self, state: State, request: AnyRequest, reference: str, data: Categorise) -> Response[Json]:
        """Correct the category, the priority or both."""
        return await command(state, request, reference, CategoriseCase, data)

    @post("/{reference:str}/merge", status_code=200, roles=DESK, summary="合并到另一件工单")
    async def merge(self, state: State, request: AnyRequest, reference: str, data: Merge) -> Response[Json]:
        """All of this case goes into another one, and this one is closed."""
        into = (await find(state, request, data.into)).id
        return await command(state, request, reference, MergeCase, {"into": into, "reason": data.reason})

    @post("/{reference:str}/move", status_code=200, roles=DESK, summary="移动消息")
    async def move(self, state: State, request: AnyRequest, reference: str, data: Move) -> Response[Json]:
        """Some messages belong to another case."""
        to = (await find(state, request, data.to)).id if data.to else None
        facts = {"message_ids": data.message_ids, "to": to, "reason": data.reason}
        return await command(state, request, reference, MoveMessages, facts)

    @post("/{reference:str}/visit", status_code=200, roles=DESK, summary="登记上门")
    async def visit(self, state: State, request: AnyRequest, reference: str, data: Visit) -> Response[Json]:
        """A visit on site is planned, on its way, there, or over."""
        return await command(state, request, reference, VisitCase, data)
