"""All HTTP of outages (群体故障): look, confirm, dismiss, tell everybody, resolve."""

from typing import Annotated

import msgspec
from litestar import Controller, Response, get, post
from litestar.datastructures import State
from litestar.params import Parameter

from chassis.access import DESK, READERS, principal_of
from chassis.asking import AnyRequest
from chassis.errors import NotFound
from chassis.http import carry_out
from chassis.store import Document
from chassis.token import Principal
from contracts.outage import (
    AddToOutage,
    BroadcastOutage,
    ConfirmOutage,
    DismissOutage,
    OutageCommand,
    OutageState,
    ResolveOutage,
)
from services.intake.api.sight import covers, sight, there
from services.intake.api.support import Json, cases_of, facts_of, find, shown, wish
from services.intake.outage.model import Outage
from services.intake.outage.store import Outages
from services.intake.record.timeline import timeline


class Confirm(msgspec.Struct):
    title: str | None = None


class Dismiss(msgspec.Struct):
    reason: str


class Broadcast(msgspec.Struct):
    text: str


class Resolve(msgspec.Struct):
    resolution: str


class Add(msgspec.Struct):
    cases: list[str]


class OutageController(Controller):
    """Outages (群体故障). `reference` is an outage's id or its number."""

    path = "/outages"
    tags = ("outages",)

    @get(roles=READERS, summary="群体故障列表")
    async def list_outages(
        self, state: State, request: AnyRequest,
        status: Annotated[list[OutageState] | None, Parameter(query="state")] = None,
        limit: Annotated[int, Parameter(ge=1, le=500)] = 50,
    ) -> list[Json]:  # fmt: skip
        """The latest first; `state` may be given more than once."""
        who = principal_of(request)
        among = {"state.institutions": there(who)} if who.districts else {}
        return [_shown(d, who) for d in await _outages(state).latest(status, limit, among)]

    @get("/{reference:str}", roles=READERS, summary="一起群体故障及其经过")
    async def read_outage(self, state: State, request: AnyRequest, reference: str) -> Json:
        """The outage with its timeline, and how far each of its cases is."""
        found, who = await _find(state, request, reference), principal_of(request)
        assert found.state is not None
        children = await cases_of(state).read({"_id": {"$in": list(found.state.cases)}, **sight(who)})
        history = [] if who.districts else await _outages(state).history(found.id) or []
        return {**_shown(found, who), "children": [_child(d) for d in children], "timeline": timeline(history)}

    @post("/{reference:str}/confirm", status_code=200, roles=DESK, summary="确认群体故障")
    async def confirm(self, state: State, request: AnyRequest, reference: str, data: Confirm) -> Response[Json]:
        """It is one problem: every case joins it."""
        return await _command(state, request, reference, ConfirmOutage, facts_of(data))

    @post("/{reference:str}/dismiss", status_code=200, roles=DESK, summary="不是群体故障")
    async def dismiss(self, state: State, request: AnyRequest, reference: str, data: Dismiss) -> Response[Json]:
        """It is not; the same is not suggested again for two hours."""
        return await _command(state, request, reference, DismissOutage, facts_of(data))

    @post("/{reference:str}/add", status_code=200, roles=DESK, summary="加入工单")
    async def add(self, state: State, request: AnyRequest, reference: str, data: Add) -> Response[Json]:
        """Further cases, by id or number."""
        found = [await find(state, request, case) for case in data.cases]
        institutions = [d.state.institution_code for d in found if d.state and d.state.institution_code]
        facts = {"case_ids": [d.id for d in found], "institutions": institutions}
        return await _command(state, request, reference, AddToOutage, facts)

    @post("/{reference:str}/broadcast", status_code=200, roles=DESK, summary="统一答复")
    async def broadcast(self, state: State, request: AnyRequest, reference: str, data: Broadcast) -> Response[Json]:
        """One answer to everybody, in each case's own channel."""
        return await _command(state, request, reference, BroadcastOutage, facts_of(data))

    @post("/{reference:str}/resolve", status_code=200, roles=DESK, summary="解决群体故障")
    async def resolve(self, state: State, request: AnyRequest, reference: str, data: Resolve) -> Response[Json]:
        """It is over: everybody is told, every case is resolved, and each ends or is reopened on its own."""
        return await _command(state, request, reference, ResolveOutage, facts_of(data))


def _outages(state: State) -> Outages:
    outages: Outages = state.service.state["outages"]
    return outages


def _shown(document: Document[Outage], who: Principal) -> Json:
    """An officer of some districts hears of the institutions there."""
    found = shown(document)
    if not who.districts:
        return found
    return {**found, "institutions": [code for code in found["institutions"] if covers(who, code)], "cases": []}


async def _find(state: State, request: AnyRequest, reference: str) -> Document[Outage]:
    found, who = await _outages(state).find(reference), principal_of(request)
    seen = found and found.state and any(covers(who, code) for code in found.state.institutions or ("",))
    if found is None or not seen:
        raise NotFound("not_found", f"没有群体故障 {reference}: 请核对编号")
    return found


def _child(document: Document) -> Json:  # type: ignore[type-arg]
    case = document.state
    assert case is not None
    keys = ("number", "title", "status", "institution_code", "assignee", "channel")
    return {"id": str(document.id), **{key: getattr(case, key) for key in keys}}


async def _command(
    state: State, request: AnyRequest, reference: str, model: type[OutageCommand], facts: Json
) -> Response[Json]:
    found = await _find(state, request, reference)
    return await carry_out(state.service, wish(request, model, "outage_id", found.id, facts), f"/outages/{found.id}")
