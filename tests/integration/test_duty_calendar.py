"""The duty calendar as a calendar program reads it: one's own shifts, and only with the address that one was given."""

from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any
from uuid import uuid4

import icalendar
import pytest

from chassis.outgoing import Outgoing
from contracts.duty import DutyRemoved, DutySaved, Shift
from contracts.envelope import SYSTEM
from tests.integration.proving import NOBODY, WANG
from tests.support.desk import Desk, desk_in
from tests.support.wait import until

BEGINS = datetime.now(UTC).replace(microsecond=0) + timedelta(days=1)


async def say(desk: Desk, model: type[DutySaved] | type[DutyRemoved], version: int = 1, **facts: Any) -> None:
    stamp = {"id": uuid4(), "cause_id": uuid4(), "correlation_id": uuid4(), "version": version, "actor": SYSTEM,
             "occurred_at": BEGINS, "recorded_at": BEGINS}  # fmt: skip
    event = model.model_validate({**stamp, **facts})
    await desk.outbox.publish([Outgoing(event.type, event.model_dump_json().encode(), str(event.id))])


def shift(id_: str, engineer: str = "wang", kind: str = "duty", day: int = 0) -> Shift:
    begins = BEGINS + timedelta(days=day)
    facts = {"id": id_, "engineer": engineer, "kind": kind, "begins": begins, "ends": begins + timedelta(hours=9)}
    return Shift.model_validate({**facts, "note": "驻场; 带钥匙, 三楼"})


async def test_shifts_are_subscribed_to_and_change_with_the_roster(tmp_path_factory: pytest.TempPathFactory) -> None:
    async with desk_in(tmp_path_factory.mktemp("duty-calendar"), "notify") as desk:
        for one in (shift("s1"), shift("s2", kind="leave", day=1), shift("s3", engineer="li"), shift("old", day=-90)):
            await say(desk, DutySaved, shift=one)
        where = await desk.http.get(desk.url("notify", "/duty/wang/subscription"), headers=WANG)
        url = desk.url("notify", where.json()["url"])

        async def events(n: int) -> Any:
            feed = await desk.http.get(url)
            assert feed.headers["content-type"].startswith("text/calendar")
            found = icalendar.Calendar.from_ical(feed.content).walk("VEVENT")
            return found if len(found) == n else None

        first, second = await until("both shifts are in the feed", lambda: events(2))
        assert (first.start, first.end) == (BEGINS, BEGINS + timedelta(hours=9))
        assert [str(e["SUMMARY"]) for e in (first, second)] == ["值班", "请假"]
        assert str(first["DESCRIPTION"]) == "驻场; 带钥匙, 三楼" and str(first["UID"]) == "s1@duty.yibao-desk"
        assert not first.walk("VALARM")

        await say(desk, DutyRemoved, version=2, shift_id="s1")
        [left] = await until("a shift that was taken back is gone", lambda: events(1))
        assert str(left["UID"]) == "s2@duty.yibao-desk"

        token = url.partition("token=")[2]
        for path, status in (
            ("/duty/wang.ics", HTTPStatus.FORBIDDEN), (f"/duty/li.ics?token={token}", HTTPStatus.FORBIDDEN),
            (f"/duty/wang.ics?token={token[:-1]}é", HTTPStatus.FORBIDDEN),
            (f"/duty/wang?token={token}", HTTPStatus.NOT_FOUND),
        ):  # fmt: skip
            answer = await desk.http.get(desk.url("notify", path))
            assert answer.status_code == status and not answer.json()["message"].isascii()
        others = await desk.http.get(desk.url("notify", "/duty/li/subscription"), headers=WANG)
        assert others.status_code == HTTPStatus.FORBIDDEN
        nobody = await desk.http.get(desk.url("notify", "/duty/wang/subscription"), headers=NOBODY)
        assert nobody.status_code == HTTPStatus.UNAUTHORIZED
