"""The calendar of obligations: what was due in the last three months and will be in the next twelve.

Calendar programs cannot sign in: the address has a token, which is good for that one contract and institution.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response, get
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from litestar.params import Parameter

from chassis.access import ANYBODY, WITH_HOSPITALS, principal_of
from chassis.asking import AnyRequest
from chassis.errors import NotFound
from chassis.feed_token import FeedTokens
from chassis.http import now
from chassis.ical import Entry, calendar
from chassis.rows import sees, sees_all
from chassis.zone import BEIJING
from contracts.obligation import ObligationPlan, period_name
from services.sla.obligations.model import Occurrence
from services.sla.obligations.planner import Planner
from services.sla.obligations.shown import LABELS, STATES, state_of
from services.sla.obligations.store import Occurrences
from services.sla.obligations.wishing import continued

BACK, FORWARD = timedelta(days=92), timedelta(days=366)
FEED, _NAMED = "obligations", 10


@get("/obligations/subscription", tags=["obligations"], roles=WITH_HOSPITALS, summary="义务日历地址")
async def subscription(
    state: State, request: AnyRequest, contract: str | None = None, institution: str | None = None
) -> dict[str, str]:
    """The address to subscribe to, of one contract or institution where these are given: whoever has it reads it."""
    who = principal_of(request)
    if not (sees(who, institution) if institution else sees_all(who)):
        raise NotFound("not_found", "请用 institution 说明是哪家机构的日历: 只能订阅本机构的")
    chosen = {name: value for name, value in (("contract", contract), ("institution", institution)) if value}
    token = _tokens(state).token(FEED, _whose(contract, institution))
    return {"url": f"/obligations/calendar.ics?{urlencode({**chosen, 'token': token})}"}


@get(
    "/obligations/calendar.ics", tags=["obligations"], roles=ANYBODY, summary="订阅义务日历", media_type="text/calendar"
)
async def feed(
    state: State, contract: str | None = None, institution: str | None = None,
    token: Annotated[str, Parameter(max_length=100)] = "",
) -> Response[bytes]:  # fmt: skip
    """To subscribe to (日历订阅, RFC 5545), at an address from GET /obligations/subscription."""
    if not _tokens(state).fits(token, FEED, _whose(contract, institution)):
        raise HTTPException(status_code=403, detail="订阅地址无效: 请在义务页面重新取得")
    planner: Planner = state.service.state["planner"]
    occurrences: Occurrences = state.service.state["obligations"]
    at = now()
    stored = {d.id: d.state for d in await occurrences.list(at, (at - BACK, at + FORWARD)) if d.state is not None}
    coming = continued(await planner.coming(at, FORWARD), stored)

    def wanted(holder: str, keys: Collection[str]) -> bool:
        return contract in (None, holder) and (institution is None or institution in keys)

    known = {id_: o for id_, o in stored.items() if wanted(o.plan.holder, {item.key for item in o.planned})}
    new = {
        id_: plan
        for id_, plan in coming.items()
        if id_ not in stored and wanted(plan.holder, {item.key for item in plan.items})
    }
    text = calendar("医保服务义务", sorted(entries(known, new, institution), key=lambda e: (e.at, e.uid)), at)
    return Response(text.encode(), headers={"Content-Type": "text/calendar; charset=utf-8"})


def entries(
    known: Mapping[UUID, Occurrence], coming: Mapping[UUID, ObligationPlan], institution: str | None = None
) -> Iterator[Entry]:
    """What is stored says how far it is; what is to come is only planned."""
    for id_, o in known.items():
        status = STATES[state_of(o)]
        missing = [item.name for item in o.open if institution in (None, item.key)]
        if institution and o.state == "open":
            status = next(LABELS[item.state] for item in o.planned if item.key == institution)
        elif len(missing) > 1:
            status = f"{status}, {len(missing)} 家未完成"
        named = [f"未完成: {_names(missing)}"] if missing else []
        yield _entry(id_, o.plan.title, o.plan.period, o.plan.holder_name, o.plan.due_at, status,
                     [o.plan.todo, *named], o.state == "dropped", bool(missing))  # fmt: skip
    for id_, plan in coming.items():
        names = [item.name for item in plan.items if institution in (None, item.key)]
        yield _entry(id_, plan.title, plan.period, plan.holder_name, plan.due_at, STATES["planned"],
                     [plan.todo, f"涉及: {_names(names)}"])  # fmt: skip


def _entry(
    id_: UUID, title: str, period: str, holder: str, due_at: datetime, status: str, lines: Iterable[str],
    cancelled: bool = False, alarm: bool = True,
) -> Entry:  # fmt: skip
    until = f"截止 {due_at.astimezone(BEIJING):%Y-%m-%d %H:%M}"
    summary = f"〔{status}〕{title} {period_name(period)} · {holder}"
    text = "\n".join((until, *lines))
    return Entry(f"{id_}@yibao-desk", due_at, summary, text, cancelled, alarm)


def _whose(contract: str | None, institution: str | None) -> str:
    return f"{contract or ''}\x1f{institution or ''}"


def _tokens(state: State) -> FeedTokens:
    tokens: FeedTokens = state.service.state["feed_tokens"]
    return tokens


def _names(names: list[str]) -> str:
    return "、".join(names[:_NAMED]) + (f" 等 {len(names)} 家" if len(names) > _NAMED else "")
