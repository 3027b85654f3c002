"""What the routes of obligations share: the wish that a request becomes, and the occurrence that it is about."""

from typing import Any, TypeVar
from uuid import UUID, uuid4

from litestar import Request, Response
from litestar.datastructures import State

from chassis.access import actor_of, principal_of
from chassis.errors import NotFound
from chassis.http import carry_out, now
from chassis.rows import sees, sees_all
from chassis.store import Document
from chassis.token import Principal
from contracts.envelope import derive_id
from contracts.obligation import ObligationCommand
from services.sla.obligations.model import Occurrence
from services.sla.obligations.shown import narrowed
from services.sla.obligations.store import Occurrences

Json = dict[str, Any]
C = TypeVar("C", bound=ObligationCommand)
AnyRequest = Request[Any, Any, Any]


async def wish(
    state: State, request: AnyRequest, id_: UUID, command: type[ObligationCommand], **facts: Any
) -> Response[Json]:
    """Carry it out and answer with what became of it. Raises NotFound where it is about items that he does not see."""
    items = [getattr(item, "key", item) for item in facts.get("items", ())]
    who = principal_of(request)
    if not sees_all(who) and not (items and all(sees(who, item) for item in items)):  # none named is all of them
        raise _unknown(id_)
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


async def find(state: State, id_: UUID, who: Principal) -> Document[Occurrence]:
    """As he sees it. Raises NotFound."""
    found = await occurrences(state).find(id_)
    if found is None or (seen := narrowed(found, who)) is None:
        raise _unknown(id_)
    return seen


def _unknown(id_: UUID) -> NotFound:
    return NotFound("not_found", f"没有这项义务 {id_}: 请从 GET /obligations 中选择")


def occurrences(state: State) -> Occurrences:
    """All that is stored."""
    found: Occurrences = state.service.state["obligations"]
    return found
