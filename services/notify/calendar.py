"""The duty calendar (值班日历): the shifts of a member of staff as a feed that calendar programs subscribe to."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Annotated, Any
from urllib.parse import quote

from litestar import Controller, Request, Response, get
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from litestar.params import Parameter

from chassis.access import ANYBODY, DESK, actor_of
from chassis.feed_token import FeedTokens
from chassis.http import now
from chassis.ical import Entry, calendar
from chassis.roster import Shifts
from contracts.duty import Shift

FEED, BACK = "duty", timedelta(days=30)
KIND_NAMES = {"duty": "值班", "lunch_cover": "午间值守", "leave": "请假"}
Json = dict[str, Any]


class DutyController(Controller):
    """Needs `shifts` (chassis.roster.Shifts) and `feed_tokens` (FeedTokens) in the service's state."""

    path = "/duty"
    tags = ("duty",)

    @get("/{staff:str}/subscription", roles=DESK, summary="我的值班日历地址", sync_to_thread=False)
    def subscription(self, state: State, request: Request[Any, Any, Any], staff: str) -> Json:
        """The address to subscribe to, only for oneself: whoever has it can read the shifts."""
        if actor_of(request).id != staff:
            raise HTTPException(status_code=403, detail="只能取得本人的订阅地址: 请用自己的工号登录")
        token = _tokens(state).token(FEED, staff)
        return {"url": f"/duty/{quote(staff, safe='')}.ics?token={token}"}

    @get("/{file:str}", roles=ANYBODY, summary="订阅值班日历", media_type="text/calendar", sync_to_thread=False)
    def feed(self, state: State, file: str, token: Annotated[str, Parameter(max_length=100)] = "") -> Response[bytes]:
        """`<staff>.ics` (RFC 5545): the shifts and leaves from a month ago on."""
        staff = file.removesuffix(".ics")
        if staff == file:
            raise HTTPException(status_code=404, detail="没有这个日历: 地址应以 .ics 结尾")
        if not _tokens(state).fits(token, FEED, staff):
            raise HTTPException(status_code=403, detail="订阅地址无效: 请在值班页面重新取得")
        shifts: Shifts = state.service.state["shifts"]
        text = calendar(f"值班 {staff}", entries(shifts.of(staff, now() - BACK)), now())
        return Response(text.encode(), headers={"Content-Type": "text/calendar; charset=utf-8"})


def entries(shifts: Iterable[Shift]) -> Iterator[Entry]:
    """A shift each, without alarms: who has the calendar knows when to get up."""
    for shift in shifts:
        uid = f"{shift.id}@duty.yibao-desk"
        yield Entry(uid, shift.begins, KIND_NAMES[shift.kind], shift.note, alarm=False, until=shift.ends)


def _tokens(state: State) -> FeedTokens:
    tokens: FeedTokens = state.service.state["feed_tokens"]
    return tokens
