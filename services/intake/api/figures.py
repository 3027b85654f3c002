"""How many cases there are to be worked on, and what has been done today: what a page needs before any list."""

import asyncio
from datetime import datetime
from typing import Final

from litestar import get
from litestar.datastructures import State
from litestar.di import Provide

from chassis.access import READERS, principal_of
from chassis.asking import AnyRequest
from chassis.http import now
from chassis.zone import BEIJING
from services.intake.api.cases import filters
from services.intake.api.filters import Filters, query_of
from services.intake.api.sight import Query, sight
from services.intake.api.support import Json, cases_of
from services.intake.model import Status
from services.intake.store import Cases

MOST: Final = 1_000
OPEN: Final[tuple[Status, ...]] = ("new", "in_progress", "waiting", "escalated")
_COUNTED: Final[tuple[Status, ...]] = (*OPEN, "resolved")
_DAY: Final = {"opened": "opened_at", "answered": "responded_at", "ended": "ended_at"}


@get("/cases/figures", roles=READERS, tags=["cases"], summary="待办与今日数字")
async def figures(state: State, request: AnyRequest) -> Json:
    """Cases by status (without closed ones), of the open ones mine and those without anybody, and how many were opened,
    answered for the first time and ended since midnight in Beijing."""
    cases, who = cases_of(state), principal_of(request)
    seen = sight(who)
    midnight = now().astimezone(BEIJING).replace(hour=0, minute=0, second=0, microsecond=0)
    wanted: list[Query] = [{"state.status": status} for status in _COUNTED]
    # Whose nobody is, no index knows: those that somebody has are fewer to look at, and an index has them all.
    wanted += [{"state.assignee": whose, "state.status": {"$in": OPEN}} for whose in (who.account, {"$gt": ""})]
    (*by_status, mine, assigned), today = await asyncio.gather(
        asyncio.gather(*(_count(cases, query, seen) for query in wanted)), _today(cases, midnight, seen)
    )
    counts = dict(zip(_COUNTED, by_status, strict=True))
    total = sum(counts[status] for status in OPEN)
    return {"by_status": counts, "open": total, "mine": mine, "unassigned": total - assigned, "today": today}


@get(
    "/cases/count", roles=READERS, tags=["cases"], summary="符合条件的工单数",
    dependencies={"wanted": Provide(filters, sync_to_thread=False)},
)  # fmt: skip
async def count(state: State, request: AnyRequest, wanted: Filters) -> Json:
    """How many cases a list has, with the same parameters; `most` where there are as many or more."""
    query = {"$and": [query_of(wanted), sight(principal_of(request))]}
    return {"count": await cases_of(state).collection.count_documents(query, limit=MOST), "most": MOST}


async def _count(cases: Cases, query: Query, seen: Query) -> int:
    return await cases.collection.count_documents({"$and": [query, seen]} if seen else query)


async def _today(cases: Cases, midnight: datetime, seen: Query) -> Json:
    """Whatever was done today has touched its case today, which an index knows."""
    touched: Query = {"state.touched_at": {"$gte": midnight}, **seen}
    group = {"_id": {name: {"$gte": [f"$state.{at}", midnight]} for name, at in _DAY.items()}, "n": {"$sum": 1}}
    found = await cases.collection.aggregate([{"$match": touched}, {"$group": group}], hint="today")
    rows = await found.to_list()
    return {name: sum(row["n"] for row in rows if row["_id"][name]) for name in _DAY}
