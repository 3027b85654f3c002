"""HTTP of exemptions: ask for one, decide about it, see all."""

from typing import Annotated, Any
from uuid import UUID, uuid4

import msgspec
from litestar import Controller, Request, Response, get, post
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from litestar.params import Parameter

from chassis.access import CENTRE, LEADS, READERS, STAFF, Connection, actor_of, principal_of
from chassis.errors import NotFound, Refused
from chassis.http import carry_out, now
from chassis.rows import sees_all
from contracts.envelope import derive_id
from contracts.exemption import (
    GROUND_NAMES,
    ApproveExemption,
    ExemptionCommand,
    RejectExemption,
    RequestExemption,
    RevokeExemption,
)
from services.sla.attainment.agreed import Agreed
from services.sla.exemptions.fold import problem_of
from services.sla.exemptions.model import NAMES, Exemption, Standing
from services.sla.exemptions.store import Exemptions
from services.sla.exemptions.wish import Wish, Word, scope_of
from services.sla.exemptions.words import covered
from services.sla.private import impersonal

Json = dict[str, Any]
_DECIDE = LEADS | CENTRE
AnyRequest = Request[Any, Any, Any]


def citywide(connection: Connection, _: object) -> None:
    """A guard: an exemption may be of any case, so for who does not see all there is none, whatever he sends."""
    if not sees_all(principal_of(connection)):
        raise NotFound("not_found", "没有这个免责申请: 只有服务台和全市范围的医保中心人员可以使用, 请联系服务台")


class ExemptionController(Controller):
    """Exemptions (免责). Who asks for one cannot approve it; engineers decide about none. An officer with districts
    neither sees nor asks for any: they are of the whole city.
    """

    path = "/exemptions"
    tags = ("exemptions",)

    @get(roles=READERS, summary="免责申请列表")
    async def list_exemptions(
        self, state: State, request: AnyRequest, standing: Standing | None = None,
        limit: Annotated[int, Parameter(ge=1, le=1_000)] = 200,
    ) -> list[Json]:  # fmt: skip
        """Those whose time ends last come first; `standing=requested` are those that wait for a decision."""
        if not sees_all(principal_of(request)):
            return []
        return [shown(exemption) for exemption in await _exemptions(state).latest(standing, limit)]

    @get("/{exemption_id:uuid}", roles=READERS, guards=[citywide], summary="一件免责申请")
    async def read_exemption(self, state: State, exemption_id: UUID) -> Json:
        """One, with all that was decided about it."""
        if (found := await _exemptions(state).one(exemption_id)) is None:
            raise HTTPException(status_code=404, detail=f"没有免责申请 {exemption_id}: 请核对编号")
        return shown(found)

    @post(status_code=200, roles=STAFF, guards=[citywide], summary="申请免责")
    async def request(self, state: State, request: AnyRequest, data: Wish) -> Response[Json]:
        """Ask for time to be left out (申请免责). With `Idempotency-Key` the same wish is one exemption."""
        agreed: Agreed = state.service.state["agreed"]
        scope = scope_of(data.scope, agreed, await _exemptions(state).numbered(data.scope.numbers))
        facts = {**msgspec.to_builtins(data), "scope": scope}
        stamp = _stamp(request, "request")
        exemption_id = derive_id("exemption", stamp["id"])
        command = RequestExemption.model_validate({**stamp, "exemption_id": exemption_id, **facts})
        if problem := problem_of(command):  # before it is on the log
            raise Refused("not_consistent", problem)
        return await carry_out(state.service, command, f"/exemptions/{command.exemption_id}")

    @post("/{exemption_id:uuid}/approve", status_code=200, roles=_DECIDE, guards=[citywide], summary="批准免责")
    async def approve(self, state: State, request: AnyRequest, exemption_id: UUID, data: Word) -> Response[Json]:
        """Somebody else than the requester agrees: that time does not count any more."""
        return await _decide(state, request, ApproveExemption, exemption_id, data)

    @post("/{exemption_id:uuid}/reject", status_code=200, roles=_DECIDE, guards=[citywide], summary="驳回免责")
    async def reject(self, state: State, request: AnyRequest, exemption_id: UUID, data: Word) -> Response[Json]:
        """Somebody else than the requester does not, and says why."""
        return await _decide(state, request, RejectExemption, exemption_id, data)

    @post("/{exemption_id:uuid}/revoke", status_code=200, roles=_DECIDE, guards=[citywide], summary="撤销免责")
    async def revoke(self, state: State, request: AnyRequest, exemption_id: UUID, data: Word) -> Response[Json]:
        """It was a mistake: that time counts again."""
        return await _decide(state, request, RevokeExemption, exemption_id, data)


async def _decide(
    state: State, request: AnyRequest, model: type[ExemptionCommand], exemption_id: UUID, data: Word
) -> Response[Json]:
    impersonal(data.reason)  # before it is on the log
    stamp = _stamp(request, model.__name__, exemption_id)
    command = model.model_validate({**stamp, "exemption_id": exemption_id, "reason": data.reason})
    return await carry_out(state.service, command, f"/exemptions/{exemption_id}")


def _stamp(request: AnyRequest, *about: object) -> Json:
    """Id, time and actor of a command; `Idempotency-Key` makes a repeat the same."""
    once, actor = request.headers.get("Idempotency-Key"), actor_of(request)
    id_ = derive_id("idempotency", "exemption", *about, actor.id, once) if once else uuid4()
    return {"id": id_, "occurred_at": now(), "actor": actor}


def shown(exemption: Exemption) -> Json:
    """With the words that staff read."""
    told: Json = msgspec.to_builtins(exemption)
    scope = told.pop("wanted") or {"everything": True}
    names = {"ground_name": GROUND_NAMES[exemption.ground], "standing_name": NAMES[exemption.standing]}
    about = {"scope": scope, "scope_name": f"适用范围: {covered(exemption)}"}
    return {**told, **names, **about, "standing": exemption.standing, "requester": exemption.requester}


def _exemptions(state: State) -> Exemptions:
    exemptions: Exemptions = state.service.state["exemptions"]
    return exemptions
