"""Writes down what has to be answered for: whoever reveals something or takes it out is on the log before he has it."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

from chassis.access import actor_of
from chassis.asking import AnyRequest
from chassis.outgoing import Outgoing
from chassis.personal.masking import mask
from chassis.service import Service
from chassis.token import NotSigned, bearer
from contracts.audit import Act, ActNoted
from contracts.envelope import Actor, derive_id

ADDRESS = "X-Client-Address"


async def noted(
    service: Service, request: AnyRequest, act: Act, object_: str, *,
    institution: str = "", detail: str = "", actor: Actor | None = None, cause: UUID | None = None,
) -> None:  # fmt: skip
    """Returns when the log has it; raises otherwise, and then nothing may be shown. The same `cause` is noted once.

    `object_` is what it was done to. Without `actor` it is whoever the token names.
    """
    at, cause = datetime.now(UTC), cause or uuid4()
    event = ActNoted(
        id=derive_id(cause, "audit.noted", act, object_), cause_id=cause, correlation_id=cause, version=1,
        occurred_at=at, recorded_at=at, actor=actor or actor_of(request), act=act, service=service.name,
        object=object_[:200], institution_code=institution, address=address_of(request), detail=mask(detail)[:500],
    )  # fmt: skip
    await service.outbox.publish([Outgoing(event.type, event.model_dump_json().encode(), str(event.id))])


def address_of(request: AnyRequest) -> str:
    """Where a person sits. The desk's own door says it of those for whom it asks; nobody else is believed."""
    told = request.headers.get(ADDRESS, "")
    if told and _from_the_door(request):
        return told[:64]
    return request.client.host if request.client else ""


def _from_the_door(request: AnyRequest) -> bool:
    state = request.app.state
    try:
        who = state.signer.read(bearer(request.headers.get("Authorization", "")), state.audience, datetime.now(UTC))
    except NotSigned:
        return False
    return not who.machine
