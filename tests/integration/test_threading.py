"""Threading on real servers: the rules choose as they do in memory, and what ended takes care of itself."""

from datetime import timedelta
from typing import Any

import pytest

from contracts.channel import ChannelMessage, Quote
from tests.integration.cases import case_of, do, now, opened
from tests.support.desk import desk_in
from tests.support.make import message
from tests.support.wait import until

pytestmark = pytest.mark.real


def said(id_: str, text: str, minutes_ago: float, **more: Any) -> ChannelMessage:
    """A message in one and the same room."""
    return message(id_, text, conversation="room", occurred_at=now() - timedelta(minutes=minutes_ago), **more)


async def test_messages_of_a_room_become_the_cases_that_people_mean(tmp_path_factory: pytest.TempPathFactory) -> None:
    async with desk_in(tmp_path_factory.mktemp("threads"), "intake") as desk:
        await desk.send(
            said("late", "补充一句", 5),
            said("m1", "2207接口报错：超时", 8),
            said("mark", "#新问题 生育津贴怎么领", 6),
            said("b1", "医保码怎么激活", 4, sender="u2", group=True),
            said("b2", "我们也遇到2207", 3, sender="u3", group=True, quote=Quote(message_id="m1")),
        )
        await desk.handled("intake")
        found = {id_: (await case_of(desk, id_))["id"] for id_ in ("late", "m1", "mark", "b1", "b2")}
        assert found["late"] == found["mark"], "what was said after the marker belongs to it, though it came before"
        assert found["b2"] == found["m1"]
        assert len({found["m1"], found["mark"], found["b1"]}) == 3

        assert (await do(desk, found["m1"], "close", reason="已处理")).status_code == 200
        await desk.send(said("again", "2207接口又报错", 0, quote=Quote(message_id="m1")))
        again = await case_of(desk, "again")
        assert (again["id"], again["status"]) == (found["m1"], "in_progress")


async def test_what_was_solved_and_is_quiet_closes_by_itself(tmp_path_factory: pytest.TempPathFactory) -> None:
    async with desk_in(tmp_path_factory.mktemp("quiet")) as desk:
        await desk.start("intake", YIBAO_CLOSE_AFTER_DAYS="0.000001")
        case = await opened(desk, "m1")
        assert (await do(desk, case, "resolve", resolution="已修复")).status_code == 200
        await desk.stop("intake")
        await desk.start("intake", YIBAO_CLOSE_AFTER_DAYS="0.000001")

        async def closed() -> bool:
            return bool((await case_of(desk, "m1"))["status"] == "closed")

        await until("the case is closed", closed)
