"""All HTTP of reconciliations (对账): look, raise, answer, settle. Hospitals see their own."""

from re import escape
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.datastructures import State
from litestar.params import Parameter

from chassis.access import ASKERS, STAFF, WITH_HOSPITALS
from chassis.asking import AnyRequest, expected, stamp
from chassis.errors import NotFound, Refused
from chassis.http import carry_out
from chassis.store import Document
from contracts.reconciliation import (
    MOST_ANSWERS,
    Answer,
    AnswerReconciliation,
    RaiseReconciliation,
    ReconciliationCommand,
    SettleReconciliation,
    Verdict,
)
from services.stats.desk import staff_only
from services.stats.reconcile.classes import NAMES, VARIANT
from services.stats.reconcile.model import STATES, Item, Reconciliation, Status, Tally, yuan
from services.stats.reconcile.store import Reconciliations
from services.stats.viewing import Viewer, viewer_of

Json = dict[str, Any]


class Noted(msgspec.Struct):
    note: str = ""


class Said(msgspec.Struct):
    """`verdict`: accepted 属实, rejected 不属实, corrected 已更正."""

    id: str
    verdict: Verdict
    note: str = ""


class Feedback(msgspec.Struct):
    answers: Annotated[list[Said], msgspec.Meta(min_length=1, max_length=MOST_ANSWERS)]


class ReconciliationController(Controller):
    """Reconciliations (对账) of an institution and a period."""

    path = "/reconciliations"
    tags = ("reconciliations",)

    @get(roles=WITH_HOSPITALS, summary="对账列表")
    async def list_reconciliations(
        self, state: State, request: AnyRequest, period: str | None = None, institution: str | None = None,
        status: Status | None = None, limit: Annotated[int, Parameter(ge=1, le=500)] = 50,
    ) -> list[Json]:  # fmt: skip
        """The latest compared first; a hospital sees its own."""
        asked = {"state.period": period, "state.fixmedins_code": institution, "state.status": status}
        query = {"$and": [{k: v for k, v in asked.items() if v is not None}, _visible(viewer_of(request))]}
        return [_brief(d) for d in await _store(state).latest(query, limit)]

    @get("/{id_:uuid}", roles=WITH_HOSPITALS, summary="一次对账及其经过")
    async def read_reconciliation(self, state: State, request: AnyRequest, id_: UUID) -> Json:
        """With its timeline, oldest first."""
        found = await found_reconciliation(state, request, id_)
        history = await _store(state).history(id_) or []
        return {**_brief(found), "timeline": [msgspec.json.decode(text) for text in history]}

    @get("/{id_:uuid}/differences", roles=WITH_HOSPITALS, summary="逐条差异")
    async def differences(
        self, state: State, request: AnyRequest, id_: UUID, of: Annotated[int, Parameter(ge=1, le=9)] | None = None,
        unanswered: bool = False, find: Annotated[str, Parameter(max_length=64)] = "",
        offset: Annotated[int, Parameter(ge=0, le=10**9)] = 0,
        limit: Annotated[int, Parameter(ge=1, le=1000)] = 200,
    ) -> Json:  # fmt: skip
        """Those of class `of`, or all; `find` is part of an id; amounts in yuan, hospital less centre."""
        found = await found_reconciliation(state, request, id_)
        assert found.state is not None
        listed, count, page = await _store(state).differences(id_, of, unanswered, find, offset, limit)
        shown = [_difference(item) for item in page]
        return {"count": count, "listed": listed, "of": found.state.count, "differences": shown}

    @post("/{id_:uuid}/raise", status_code=200, roles=STAFF, summary="下发差异", guards=[staff_only])
    async def raise_(self, state: State, request: AnyRequest, id_: UUID, data: Noted) -> Response[Json]:
        """The differences are put before the hospital, as a case."""
        return await _command(state, request, id_, RaiseReconciliation, {"note": data.note})

    @post("/{id_:uuid}/answer", status_code=200, roles=ASKERS, summary="医院反馈")
    async def answer(self, state: State, request: AnyRequest, id_: UUID, data: Feedback) -> Response[Json]:
        """What the hospital says about differences, up to 500 at once."""
        try:
            answers = [Answer(id=a.id, verdict=a.verdict, note=a.note) for a in data.answers]
        except ValueError:
            told = "反馈写法不对: id 应为差异的编号, 说明不超过 500 字"
            raise Refused("bad_answer", told) from None
        return await _command(state, request, id_, AnswerReconciliation, {"answers": answers})

    @post("/{id_:uuid}/settle", status_code=200, roles=STAFF, summary="办结", guards=[staff_only])
    async def settle(self, state: State, request: AnyRequest, id_: UUID, data: Noted) -> Response[Json]:
        """Nothing is left, or what is left was answered and is agreed upon."""
        return await _command(state, request, id_, SettleReconciliation, {"note": data.note})


def _store(state: State) -> Reconciliations:
    store: Reconciliations = state.service.state["reconciliations"]
    return store


def _visible(viewer: Viewer) -> Json:
    """Districts by the division in the institution's code: `H` or `P`, six digits, a serial."""
    query: Json = {}
    if viewer.scope.institutions is not None:
        query["state.fixmedins_code"] = {"$in": list(viewer.scope.institutions)}
    if viewer.scope.districts is not None:
        divisions = "|".join(map(escape, viewer.scope.districts))
        query["state.fixmedins_code"] = {"$regex": f"^[HP](?:{divisions})"}
    return query


async def found_reconciliation(state: State, request: AnyRequest, id_: UUID) -> Document[Reconciliation]:
    found, viewer = await _store(state).find(id_), viewer_of(request)
    if found is None or found.state is None:
        raise NotFound("not_found", "没有这次对账: 请从 GET /reconciliations 的列表中选择")
    code = found.state.fixmedins_code
    if not viewer.may_see(code, code[1:7]):  # the same words: whether there is one is not for others to know
        raise NotFound("not_found", "没有这次对账: 请从 GET /reconciliations 的列表中选择")
    return found


async def _command(
    state: State, request: AnyRequest, id_: UUID, model: type[ReconciliationCommand], facts: Json
) -> Response[Json]:
    found = await found_reconciliation(state, request, id_)
    assert found.state is not None
    about = {"fixmedins_code": found.state.fixmedins_code, "period": found.state.period}
    stamped = stamp(request, "reconciliation", model.__name__, id_)
    command = model(**stamped, **about, **facts, expected_version=expected(request))
    return await carry_out(state.service, command, f"/reconciliations/{id_}")


def _brief(document: Document[Reconciliation]) -> Json:
    assert document.state is not None
    facts: Json = msgspec.to_builtins(document.state)
    for name in ("items", "spent"):
        facts.pop(name, None)
    tallies = [{**_yuan(t), "of": t.of, "name": NAMES[t.of], "count": t.count} for t in document.state.tallies]  # type: ignore[index]
    named = STATES[document.state.status]
    return {"id": str(document.id), "version": document.version, **facts, "status_name": named, "tallies": tallies}


def _difference(item: Item) -> Json:
    facts: Json = {name: getattr(item, name) for name in item.__struct_fields__}
    known = VARIANT.get(item.variant)
    told = {"why": known.why, "next": known.next} if known else {"why": "", "next": ""}
    return {**facts, **_yuan(item), "name": NAMES[item.of], **told}  # type: ignore[index]


def _yuan(of: Item | Tally) -> Json:
    """As text: these are amounts of money, and JSON's numbers are not exact."""
    return {name: yuan(getattr(of, name)) for name in ("medfee", "fund", "acct")}
