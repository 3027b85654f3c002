"""What the routes of obligations share: the wish that a request becomes, and the occurrence that it is about."""

from typing import Any, TypeVar
from uuid import UUID, uuid4

from litestar import Request, Response
from litestar.datastructures import State

from chassis.errors import NotFound
from chassis.http import actor_of, carry_out, now
from chassis.store import Document
from contracts.envelope import derive_id
from contracts.obligation import ObligationCommand
from services.sla.obligations.model import Occurrence
from services.sla.obligations.store import Occurrences

Json = dict[str, Any]
C = TypeVar("C", bound=ObligationCommand)
AnyRequest = Request[Any, Any, Any]


async def wish(
    state: State, request: AnyRequest, id_: UUID, command: type[ObligationCommand], **facts: Any
) -> Response[Json]:
    """Carry it out and answer with what became of it."""
    return await carry_out(state.service, wanted(request, id_, command, **facts), f"/obligations/{id_}")


def wanted(request: AnyRequest, id_: UUID, command: type[C], **facts: Any) -> C:
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


async def find(state: State, id_: UUID) -> Document[Occurrence]:
    """Raises NotFound."""
    if (found := await occurrences(state).find(id_)) is None:
        raise NotFound("not_found", f"没有这项义务 {id_}: 请从 GET /obligations 中选择")
    return found


def occurrences(state: State) -> Occurrences:
    """All that is stored."""
    found: Occurrences = state.service.state["obligations"]
    return found
