"""HTTP of silences: planned maintenance, for which alerts go to the inbox only."""

from datetime import datetime
from typing import Annotated, Any, Literal

from litestar import Controller, Response, delete, get, post
from litestar.datastructures import State
from litestar.params import QueryParameter

from chassis.access import DESK, OPERATORS
from chassis.asking import AnyRequest, stamp
from chassis.errors import Refused
from chassis.http import carry_out, now
from contracts.setting import SaveSetting, Silence
from services.notify.preferences.holding import refuse
from services.notify.preferences.shared import (
    Json,
    Limit,
    facts_of,
    find,
    only_known,
    remove,
    save,
    settings_of,
    with_note,
)
from services.notify.rules import sense

Course = Literal["running", "upcoming", "past"]
COURSES: dict[Course, str] = {"running": "生效中", "upcoming": "未开始", "past": "已结束"}
Which = Annotated[Course | None, QueryParameter(name="state", description="running, upcoming 或 past; 不填为全部")]


def course_of(begins: datetime, ends: datetime, at: datetime) -> Course:
    """Where a silence is at that moment; it ends at `ends`."""
    if at < begins:
        return "upcoming"
    return "running" if at < ends else "past"


class SilenceController(Controller):
    """Silences (静默)."""

    path = "/settings/silences"
    tags = ("settings",)

    @get(roles=DESK | OPERATORS | {"auditor"}, summary="静默列表")
    async def silences(self, state: State, which: Which = None, limit: Limit = 200) -> list[Json]:
        """Those that run first, then those to come, then those that are over; each with its state."""
        at = now()
        shown = [_shown(facts_of(d), at) for d in await settings_of(state).all("silence")]
        wanted = [s for s in shown if which in (None, s["state"])]
        return sorted(wanted, key=lambda s: (list(COURSES).index(s["state"]), s["begins"]))[:limit]

    @post(status_code=200, roles=OPERATORS, summary="新增静默")
    async def add(self, state: State, request: AnyRequest, data: Json) -> Response[Json]:
        """Alerts whose labels fit all `matchers` are not sent from `begins` to `ends`; they are in the inbox still."""
        stamped = stamp(request, "silence")
        key = f"s-{stamped['id'].hex[:12]}"
        body = Silence.model_validate({**only_known(Silence, data), "id": key})
        if body.ends <= now():
            raise Refused("over", "静默的结束时间已过: 请核对 begins 与 ends (含时区, 例如 +08:00)")
        refuse(sense.of_matchers(body.matchers))
        return with_note(await _save(state, stamped, body), silence_id=key)

    @delete("/{key:str}", status_code=200, roles=OPERATORS, summary="立即结束静默")
    async def end(self, state: State, request: AnyRequest, key: str) -> Response[Json]:
        """What runs ends now; what has not begun is removed."""
        found = await find(state, "silence", key)
        assert found.state is not None and isinstance(found.state.body, Silence)
        body, at = found.state.body, now()
        course = course_of(body.begins, body.ends, at)
        if course == "past":
            raise Refused("over", "这个静默已经结束: 无需再操作")
        if course == "upcoming":
            return await remove(state, request, "silence", key, "未开始即取消", "/settings/silences")
        ended = body.model_copy(update={"ends": at})
        return await save(state, request, "silence", key, ended, "/settings/silences", found.version)


async def _save(state: State, stamped: dict[str, Any], body: Silence) -> Response[Json]:
    command = SaveSetting(**stamped, silence=body)
    return await carry_out(state.service, command, "/settings/silences")


def _shown(facts: Json, at: datetime) -> Json:
    begins, ends = datetime.fromisoformat(facts["begins"]), datetime.fromisoformat(facts["ends"])
    course = course_of(begins, ends, at)
    return {**facts, "state": course, "state_name": COURSES[course]}
