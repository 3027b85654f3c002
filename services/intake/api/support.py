"""What every route about cases needs: find the case, show all of it, send a command about it."""

from typing import Any
from uuid import UUID

import msgspec
from litestar import Response
from litestar.datastructures import State
from pydantic import BaseModel

from chassis.access import principal_of
from chassis.asking import AnyRequest, expected, stamp
from chassis.errors import NotFound
from chassis.http import carry_out, now
from chassis.store import Document
from chassis.token import Principal
from contracts.case import CaseCommand
from contracts.envelope import Command
from contracts.outage import OutageCommand
from services.intake.api.sight import seen_by
from services.intake.model import Brief, Case
from services.intake.record.outward import outward
from services.intake.replies.budget import budget_view
from services.intake.store import Cases
from services.intake.text.plain import normalise

Json = dict[str, Any]


def cases_of(state: State) -> Cases:
    cases: Cases = state.service.state["cases"]
    return cases


async def find(state: State, request: AnyRequest, reference: str) -> Document[Case]:
    """The case by its id or number. Raises NotFound, also where there is one that whoever asks does not see."""
    found = await cases_of(state).find(reference)
    if found is None or found.state is None or not seen_by(found.state, principal_of(request)):
        raise NotFound("not_found", f"没有工单 {reference}: 请核对编号")
    return found


def full(value: Any) -> Any:
    """`value` as JSON's types with every field of every struct, also those that have their defaults."""
    if isinstance(value, msgspec.Struct):
        return {name: full(getattr(value, name)) for name in value.__struct_fields__}
    if isinstance(value, tuple | list):
        return [full(item) for item in value]
    if isinstance(value, dict):
        return {key: full(item) for key, item in value.items()}
    return msgspec.to_builtins(value)


def shown(document: Document[Any]) -> Json:
    """A document as the API gives it."""
    assert document.state is not None
    return {"id": str(document.id), "version": document.version, **full(document.state)}


def case_shown(document: Document[Case], who: Principal) -> Json:
    """A case with what its channel still takes in replies (`budget`, null where there is no limit).

    A hospital sees of its case what `outward` says.
    """
    assert document.state is not None
    if who.role == "hospital":
        return outward(document.id, document.state)
    return {**shown(document), "budget": budget_view(document.state, now())}


def brief_shown(document: Document[Brief]) -> Json:
    """A case as lists need it."""
    assert document.state is not None
    return {"id": str(document.id), "version": document.version, **msgspec.structs.asdict(document.state)}


def wish(
    request: AnyRequest, model: type[CaseCommand] | type[OutageCommand], key: str, id_: UUID, facts: Json
) -> Command:
    """The command about the aggregate `id_`, whose field is called `key`; `Idempotency-Key` makes a repeat the same."""
    asked = {**stamp(request, model.__name__, id_), "expected_version": expected(request, may_be_new=False)}
    return model.model_validate({**asked, key: UUID(str(id_)), **facts})


def facts_of(data: msgspec.Struct | BaseModel | Json) -> Json:
    """A request's body as the facts of a command."""
    if isinstance(data, BaseModel):
        return data.model_dump(exclude_unset=True)
    facts: Json = dict(data) if isinstance(data, dict) else msgspec.to_builtins(data)
    return {key: _said(value) for key, value in facts.items()}


def _said(value: Any) -> Any:
    """Blanks and invisible characters say nothing: they are refused like an empty field."""
    if isinstance(value, dict):
        return {key: _said(item) for key, item in value.items()}
    return "" if isinstance(value, str) and not normalise(value) else value


async def command(
    state: State, request: AnyRequest, reference: str, model: type[CaseCommand],
    data: msgspec.Struct | BaseModel | Json,
) -> Response[Json]:  # fmt: skip
    """Send a command about a case, wait for its outcome."""
    found = await find(state, request, reference)
    return await carry_out(
        state.service, wish(request, model, "case_id", found.id, facts_of(data)), f"/cases/{found.id}"
    )


async def written(state: State, id_: UUID) -> tuple[list[str], str]:
    """What the case has said, and the hash that its chain ends with, read in one moment."""
    raw = await cases_of(state).collection.find_one({"_id": id_}, {"history": 1, "head": 1})
    return ([], "") if raw is None else (raw["history"], raw.get("head", ""))
