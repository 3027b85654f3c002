"""All HTTP of schedules (定时统计)."""

from typing import Any
from uuid import UUID

from litestar import Controller, Response, delete, get, post, put
from litestar.datastructures import State

from chassis.access import DESK, READERS
from chassis.asking import AnyRequest, expected, stamp
from chassis.calendars.book import CalendarBook, UnknownCalendar
from chassis.errors import NotFound, Refused
from chassis.http import carry_out, now
from chassis.store import Document
from contracts.envelope import derive_id
from contracts.schedule import RemoveSchedule, SaveSchedule, Scheduled
from contracts.stats import FollowUp
from services.stats.desk import staff_only
from services.stats.feeds.config import Feeds
from services.stats.runs.asking import check_follow
from services.stats.schedules.model import Schedule
from services.stats.schedules.planner import workdays
from services.stats.schedules.store import Schedules
from services.stats.schedules.timing import check, upcoming

Json = dict[str, Any]


class ScheduleController(Controller):
    """Which report is counted when."""

    path = "/schedules"
    tags = ("schedules",)
    guards = (staff_only,)

    @get(roles=READERS, summary="定时任务列表")
    async def list_schedules(self, state: State) -> list[Json]:
        """With the next three times."""
        return [_shown(state, d) for d in await _store(state).all()]

    @get("/{schedule_id:uuid}", roles=READERS, summary="一个定时任务")
    async def read_schedule(self, state: State, schedule_id: UUID) -> Json:
        return _shown(state, await _find(state, schedule_id))

    @post(status_code=200, roles=DESK, summary="新增定时任务")
    async def add(self, state: State, request: AnyRequest, data: Scheduled) -> Response[Json]:
        facts = stamp(request, "schedule", data.name, data.report)
        return await _save(state, derive_id("schedule", facts["id"]), data, facts, 0)

    @put("/{schedule_id:uuid}", roles=DESK, summary="修改定时任务")
    async def change(self, state: State, request: AnyRequest, schedule_id: UUID, data: Scheduled) -> Response[Json]:
        """`If-Match` is the version that was read."""
        await _find(state, schedule_id)
        return await _save(state, schedule_id, data, stamp(request, "schedule", schedule_id), expected(request))

    @delete("/{schedule_id:uuid}", status_code=200, roles=DESK, summary="删除定时任务")
    async def remove(self, state: State, request: AnyRequest, schedule_id: UUID) -> Response[Json]:
        await _find(state, schedule_id)
        facts = {**stamp(request, "unschedule", schedule_id), "schedule_id": schedule_id}
        return await carry_out(state.service, RemoveSchedule(**facts, expected_version=expected(request)), "/schedules")


async def _save(state: State, id_: UUID, data: Scheduled, facts: Json, version: int | None) -> Response[Json]:
    check(data)
    if not upcoming(data.timing, now(), _is_workday(state, data.timing.calendar), 1):
        raise Refused("never_due", "按这个时间和日历永远不会到期: 请检查 cron 与第几个工作日")
    if data.kind == "ingest":
        _check_feed(state.service.state["feeds"], data)
    else:
        await check_follow(state, FollowUp(report=data.report, wanted=data.wanted), data.span != "none")
    for follow in data.then:
        await check_follow(state, follow, data.span != "none")
    wish = SaveSchedule(**facts, schedule_id=id_, scheduled=data, expected_version=version)
    return await carry_out(state.service, wish, f"/schedules/{id_}")


def _check_feed(feeds: Feeds, data: Scheduled) -> None:
    feed = feeds.feeds.get(data.wanted.parameters.get("feed", ""))
    if feed is None or not feed.database or feed.table != data.report:
        told = "请在 wanted.parameters.feed 中填写 GET /feeds 列出的名称, report 填它的 table"
        raise NotFound("not_found", f"没有读入这张数据表的数据库来源: {told}")


def _is_workday(state: State, calendar: str) -> Any:
    book: CalendarBook = state.service.state["calendars"]
    try:
        return workdays(book, calendar)
    except UnknownCalendar:
        raise NotFound("not_found", f"没有日历 {calendar[:60]}: 可用的有 {'、'.join(book.names)}") from None


def _shown(state: State, document: Document[Schedule]) -> Json:
    assert document.state is not None
    scheduled = Scheduled.model_validate(document.state.scheduled)
    try:
        next_ = upcoming(scheduled.timing, now(), _is_workday(state, scheduled.timing.calendar))
    except NotFound:  # its calendar is gone, the schedule is still there to be mended
        next_ = []
    return {
        "id": str(document.id), "version": document.version, **(document.state.scheduled or {}),
        "saved_at": document.state.saved_at, "saved_by": document.state.saved_by,
        "next": [] if scheduled.paused else [at.isoformat() for at in next_],
    }  # fmt: skip


def _store(state: State) -> Schedules:
    store: Schedules = state.service.state["schedules"]
    return store


async def _find(state: State, id_: UUID) -> Document[Schedule]:
    if (found := await _store(state).find(id_)) is None:
        raise NotFound("not_found", "没有这个定时任务: 请刷新后再试")
    return found
