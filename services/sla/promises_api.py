"""HTTP of the promises: policies and calendars as they hold, and changing them."""

from typing import Any

import msgspec
from litestar import Controller, Request, get, put
from litestar.datastructures import State
from litestar.exceptions import HTTPException

from chassis.access import READERS, SETTERS, actor_of
from chassis.calendars.book import CalendarBook
from chassis.calendars.definition import Calendar
from chassis.calendars.faults import faults_of
from chassis.http import now
from services.sla.book import Book
from services.sla.keeper import Keeper
from services.sla.policy import parse
from services.sla.rebind import Rebinder

Json = dict[str, Any]
AnyRequest = Request[Any, Any, Any]


class PromiseController(Controller):
    """Promises (时限政策与营业日历). Every change begins a new edition, which holds for all clocks that run."""

    path = "/promises"
    tags = ("promises",)

    @get(sync_to_thread=False, roles=READERS | SETTERS, summary="现行时限政策与营业日历")
    def show(self, state: State) -> Json:
        """The edition that holds, and since when each one did."""
        return _shown(_keeper(state).book)

    @put("/policies", roles=SETTERS, summary="替换全部时限政策")
    async def set_policies(self, state: State, request: AnyRequest, data: list[Json]) -> Json:
        """All policies at once, in the form of policies.yaml."""
        try:
            await _keeper(state).set_policies(parse(data), actor_of(request).id)
        except ValueError as error:
            raise HTTPException(status_code=400, detail=f"时限政策不可用: {error}") from None
        return await _bound(state)

    @put("/calendars/{name:str}", roles=SETTERS, summary="新增或替换营业日历")
    async def set_calendar(self, state: State, request: AnyRequest, name: str, data: Json) -> Json:
        """Add or replace a calendar, in the form of a calendar's YAML file; `name` in the address counts."""
        by = actor_of(request).id
        try:
            calendar = msgspec.convert({**data, "name": name}, Calendar)
        except msgspec.ValidationError as error:
            raise HTTPException(status_code=400, detail=f"营业日历不可用: {error}") from None
        if faults := faults_of(calendar):
            raise HTTPException(status_code=400, detail=f"营业日历不可用: {'; '.join(faults)}")
        try:
            await _keeper(state).set_calendar(calendar, by)
        except ValueError as error:
            raise HTTPException(status_code=400, detail=f"营业日历不可用: {error}") from None
        return await _bound(state)


async def _bound(state: State) -> Json:
    """What holds now; every case with a clock that runs has been told."""
    rebinder: Rebinder = state.service.state["rebinder"]
    await rebinder.keep_up()
    return _shown(_keeper(state).book)


def _keeper(state: State) -> Keeper:
    keeper: Keeper = state.service.state["keeper"]
    return keeper


def _shown(book: Book) -> Json:
    edition = book.editions[-1]
    written = {d.calendar.name: msgspec.to_builtins(d.calendar) for d in edition.definitions}
    return {
        "version": book.version,
        "policies": msgspec.to_builtins(edition.policies),
        "calendars": [
            {
                "name": name,
                "version": hours.version,
                "known_until": str(hours.known_until),
                "definition": written.get(name),
            }
            for name, hours in edition.calendars.items()
        ],
        "endings": [str(ending) for ending in CalendarBook(edition.definitions).missing_years(now().date())],
        "editions": [{"version": e.version, "since": e.since.isoformat(), "by": e.by} for e in book.editions],
    }
