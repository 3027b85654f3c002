"""HTTP that reads cases: lists, one case with its whole timeline, what became of a message."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from litestar import Controller, Response, get
from litestar.datastructures import State
from litestar.di import Provide
from litestar.params import Parameter

from chassis.access import WITH_HOSPITALS, principal_of
from chassis.asking import AnyRequest
from chassis.errors import NotFound
from contracts.case import Category, Kind, Priority, WaitingFor
from contracts.casework import Owes
from contracts.channel import Channel
from contracts.envelope import derive_id
from services.intake.api.filters import Filters, outward_of, query_of
from services.intake.api.listing import Found, page, ranked
from services.intake.api.sight import in_words, seen_by, sight
from services.intake.api.support import Json, brief_shown, case_shown, cases_of, find, written
from services.intake.model import Brief, Status
from services.intake.record.outward import told
from services.intake.record.timeline import chain, explained, timeline
from services.intake.search.index import CaseIndex
from services.intake.search.query import MAX_HITS

_OUTCOMES = {
    "case.opened": "case", "case.message_added": "addition", "case.message_repeated": "duplicate",
    "case.responded": "response",
}  # fmt: skip
_TIME = "时间, 带时区, 例如 2026-11-22T09:00:00+08:00"
Time = Annotated[datetime | None, Parameter(description=_TIME)]
Ids = Annotated[list[UUID] | None, Parameter(max_items=500, description="只看这些工单 (内部编号, 最多 500 个)")]


def filters(
    status: list[Status] | None = None, kind: list[Kind] | None = None, category: list[Category] | None = None,
    priority: list[Priority] | None = None, channel: list[Channel] | None = None,
    assignee: list[str] | None = None, institution: list[str] | None = None, contact: list[str] | None = None,
    waiting_for: list[WaitingFor] | None = None, owes: list[Owes] | None = None, unassigned: bool = False,
    outage: str | None = None, id: Ids = None, opened_since: Time = None, opened_until: Time = None,
    touched_since: Time = None, touched_until: Time = None,
) -> Filters:  # fmt: skip
    """Every parameter may be given more than once, except times, `unassigned` and `outage`."""
    found: dict[str, Any] = {k: v for k, v in locals().items() if v is not None}
    found["institution_code"], found["ids"] = found.pop("institution", None), found.pop("id", None)
    return Filters(**found)


class CaseController(Controller):
    """Cases (工单). `reference` is a case's id or its number."""

    path = "/cases"
    tags = ("cases",)

    @get(
        roles=WITH_HOSPITALS, dependencies={"wanted": Provide(filters, sync_to_thread=False)}, summary="工单列表与检索"
    )
    async def list_cases(
        self, state: State, request: AnyRequest, wanted: Filters, q: str | None = None, cursor: str | None = None,
        limit: Annotated[int, Parameter(ge=1, le=500)] = 50, brief: bool = False,
    ) -> Response[list[Json]]:  # fmt: skip
        """The most recently touched cases first; with `q` the best first (of a hospital's own the latest). `brief` ones
        are without what was said in them.

        `X-Next-Cursor` and `Link` lead to the next page, and are absent on the last. `X-Index-Behind` says how many
        events full text has not read yet.
        """
        who, cases = principal_of(request), cases_of(state)
        if who.role == "hospital":
            own = [query_of(outward_of(wanted)), sight(who), *in_words(q or "")]
            return _listed(request, *await page(cases, {"$and": own}, cursor, limit))
        query, reader = {"$and": [query_of(wanted), sight(who)]}, cases.briefs if brief else cases
        if q is None:
            return _listed(request, *await page(reader, query, cursor, limit))
        index: CaseIndex = state.service.state["case_index"]
        ids = await index.search(q, MAX_HITS)
        found, following = await ranked(reader, query, ids, cursor, limit)
        return _listed(request, found, following, {"X-Index-Behind": str(index.behind)})

    @get("/counts", roles=WITH_HOSPITALS, summary="工单计数")
    async def counts(self, state: State, request: AnyRequest) -> Json:
        """Cases by status and by category, and in all; a hospital's by status."""
        who = principal_of(request)
        table = await cases_of(state).by_status_and_category(sight(who))
        by_status: dict[str, int] = {}
        by_category: dict[str, int] = {}
        for (status, category), n in table.items():
            by_status[status] = by_status.get(status, 0) + n
            by_category[category] = by_category.get(category, 0) + n
        counted = {"total": sum(table.values()), "by_status": by_status}
        return counted if who.role == "hospital" else {**counted, "by_category": by_category}

    @get("/{reference:str}", roles=WITH_HOSPITALS, summary="一件工单及其经过")
    async def read_case(self, state: State, request: AnyRequest, reference: str) -> Json:
        """The case with its whole timeline (every event about it, oldest first), and whether its chain holds.

        A hospital reads its conversation and its steps (`services.intake.record.outward`).
        """
        found, who = await find(state, request, reference), principal_of(request)
        history, head = await written(state, found.id)
        if who.role == "hospital":
            assert found.state is not None
            return told(found.id, found.state, history)
        return {**explained(case_shown(found, who)), "timeline": timeline(history), "chain": chain(history, head)}


def _listed(
    request: AnyRequest, found: Found, following: str | None, more: Mapping[str, str] = {}
) -> Response[list[Json]]:
    headers, who = dict(more), principal_of(request)
    if following is not None:
        asked = [(k, v) for k, v in request.query_params.multi_items() if k != "cursor"]
        link = f'<{request.url.path}?{urlencode([*asked, ("cursor", following)])}>; rel="next"'
        headers |= {"X-Next-Cursor": following, "Link": link}
    shown = [brief_shown(d) if isinstance(d.state, Brief) else case_shown(d, who) for d in found]
    return Response(shown, headers=headers)


@get("/messages/{channel:str}/{message_id:str}", roles=WITH_HOSPITALS, tags=["cases"], summary="一条消息的下落")
async def message_outcome(state: State, request: AnyRequest, channel: str, message_id: str) -> Json:
    """What became of a channel message, and the case that it is in now. 404 while it is not handled.

    A case, an addition to one, a duplicate; of a colleague's words a response, or an announcement to nobody's case.
    """
    cases, who = cases_of(state), principal_of(request)
    cause = derive_id("channel", channel, message_id)
    found = await cases.knowing(cause)
    places = [await cases.holding(found, message_id), found] if found else []
    now_in = next((d for d in places if d.state and seen_by(d.state, who)), None)
    if found is None or now_in is None:
        raise NotFound("not_found", "这条消息还没有处理: 请稍后再查, 或用 yibao dead list 查看死信")
    events = [msgspec.json.decode(text) for text in await cases.history(found.id) or []]
    types = [e["type"] for e in events if e.get("cause_id") == str(cause)]
    outcome = next((_OUTCOMES[t] for t in types if t in _OUTCOMES), "announcement")
    return {"outcome": outcome, **case_shown(now_in, who)}
