"""HTTP of duty: shifts one by one, by a weekly pattern or as a table; who is there now; who would get a case."""

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Annotated, cast

import msgspec
from litestar import Controller, Response, delete, get, post, put
from litestar.datastructures import State, UploadFile
from litestar.enums import RequestEncodingType
from litestar.params import Body, Parameter

from chassis.access import READERS, SETTERS
from chassis.asking import stamp
from chassis.errors import Refused
from chassis.http import carry_out, now
from contracts.case import Category, Priority
from contracts.channel import Channel
from contracts.duty import RemoveShift, SaveShift, Shift
from services.intake.api.support import find
from services.intake.directory.requests import Any_, Json, directory_of
from services.intake.directory.tables import NotATable, text_of
from services.intake.duty.load import id_of, report, save_all
from services.intake.duty.model import ShiftKind, shift_record
from services.intake.duty.pattern import BadPattern, Pattern, expand, roster
from services.intake.duty.roster import Roster
from services.intake.duty.store import DutyLog
from services.intake.duty.visits import visits_of


class Wanted(msgspec.Struct):
    """A shift as a person gives it; its id is in the address."""

    engineer: str
    begins: datetime
    ends: datetime
    kind: ShiftKind = "duty"
    note: str = ""


class Table(msgspec.Struct):
    """The form's one field."""

    file: UploadFile | None = None


class DutyController(Controller):
    """Who is on duty when (值班), and visits on site."""

    path = "/duty"
    tags = ("duty",)

    @get("/shifts", roles=READERS | SETTERS, summary="班次列表")
    async def list_shifts(
        self,
        state: State,
        begins: Annotated[datetime | None, Parameter(query="from")] = None,
        ends: Annotated[datetime | None, Parameter(query="to")] = None,
        engineer: str = "",
        limit: Annotated[int, Parameter(ge=1, le=5_000)] = 1_000,
    ) -> list[Json]:
        """Shifts that touch a span of time, by default the coming month."""
        try:
            first = (begins or now() - timedelta(days=1)).astimezone(UTC)
            last = (ends or first + timedelta(days=32)).astimezone(UTC)
        except OverflowError:
            raise Refused("bad_time", "时间超出范围: 请核对年份") from None
        found = await log_of(state).shifts(first, last, engineer, limit)
        return [{"version": d.version, **msgspec.to_builtins(d.state.shift)} for d in found if d.state]

    @put("/shifts/{shift_id:str}", roles=SETTERS, summary="新增或修改班次")
    async def save_shift(self, state: State, request: Any_, shift_id: str, data: Wanted) -> Response[Json]:
        """Create or change a shift, a lunch cover or a leave."""
        engineer = id_of(directory_of(state), data.engineer)
        shift = Shift.model_validate({"id": shift_id, **msgspec.to_builtins(data), "engineer": engineer})
        command = SaveShift.model_validate({**stamp(request, "shift", shift_record(shift_id)), "shift": shift})
        return await carry_out(state.service, command, "/duty/shifts")

    @delete("/shifts/{shift_id:str}", roles=SETTERS, status_code=200, summary="删除班次")
    async def remove_shift(self, state: State, request: Any_, shift_id: str, reason: str = "") -> Response[Json]:
        """Take a shift out of the roster."""
        stamped = stamp(request, "remove_shift", shift_record(shift_id))
        command = RemoveShift.model_validate({**stamped, "shift_id": shift_id, "reason": reason})
        return await carry_out(state.service, command, "/duty/shifts")

    @get("/now", roles=READERS | SETTERS, sync_to_thread=False, summary="现在谁当班")
    def who_is_there(self, state: State) -> Json:
        """Who is on duty, who covers lunch, who is at lunch, who is away; with how many open cases each has."""
        duty = roster_of(state)
        present = duty.present(now())
        until = present.until.isoformat() if present.until else None
        return {
            "on_duty": [_person(state, id_) for id_ in present.on],
            "lunch_cover": [_person(state, id_) for id_ in present.covers],
            "at_lunch": [_person(state, id_) for id_ in present.at_lunch],
            "away": [_person(state, id_) for id_ in present.away],
            "available": list(present.available),
            "until": until,
            "message": duty.snapshot(now()).reason,
        }

    @get("/choice", roles=READERS | SETTERS, sync_to_thread=False, summary="新工单会派给谁")
    def choice(
        self, state: State, category: Category, priority: Priority = "normal", institution: str | None = None,
        kind: str = "consultation", channel: Channel = "wechat",
    ) -> Json:  # fmt: skip
        """Who would get such a case now, and why; nothing is assigned."""
        duty = roster_of(state).snapshot(now())
        found = duty.choose(category, priority, institution, kind, channel)
        return {"assignee": found[0], "because": found[1]} if found else {"assignee": None, "because": duty.reason}

    @post("/pattern", roles=SETTERS, status_code=200, summary="按星期排班")
    async def pattern(self, state: State, request: Any_, data: Pattern) -> Json:
        """Shifts on certain days of the week, from a first to a last day; the same again doubles nothing."""
        try:
            shifts = expand(msgspec.structs.replace(data, engineer=id_of(directory_of(state), data.engineer)))
        except BadPattern as error:
            raise Refused("bad_pattern", str(error)) from None
        return report(await save_all(state, request, list(enumerate(shifts, 1))))

    @post("/import", roles=SETTERS, status_code=200, summary="导入排班表")
    async def import_roster(
        self, state: State, request: Any_, data: Annotated[Table, Body(media_type=RequestEncodingType.MULTI_PART)]
    ) -> Json:
        """A month's roster as CSV (form field `file`): 日期,工程师,开始,结束,类型,备注."""
        if not isinstance(data.file, UploadFile):
            raise Refused("no_file", "没有收到文件: 请用表单字段 file 上传 CSV 文件")
        try:
            lines = list(roster(text_of(await data.file.read()), partial(id_of, directory_of(state))))
        except (BadPattern, NotATable) as error:
            raise Refused("not_a_table", str(error)) from None
        bad = [{"row": i.number, "outcome": "refused", "reason": i.problem} for i in lines if i.shift is None]
        good = [(i.number, i.shift) for i in lines if i.shift is not None]
        return report([*bad, *await save_all(state, request, good)])

    @get("/visits/{reference:str}", roles=READERS, summary="一件工单的上门记录")
    async def visits(self, state: State, request: Any_, reference: str) -> list[Json]:
        """The visits on site of a case, with minutes of travel and on site."""
        found = await find(state, request, reference)
        assert found.state is not None
        return [msgspec.structs.asdict(visit) for visit in visits_of(found.state.visits)]


def log_of(state: State) -> DutyLog:
    return cast(DutyLog, state.service.state["duty_log"])


def roster_of(state: State) -> Roster:
    return cast(Roster, state.service.state["duty"])


def _person(state: State, id_: str) -> Json:
    member = directory_of(state).staff(id_)
    return {
        "engineer": id_,
        "name": member.name if member else "",
        "place": member.place if member else "remote",
        "lead": bool(member and member.lead),
        "open_cases": roster_of(state).load_of(id_),
        "in_directory": member is not None,
    }
