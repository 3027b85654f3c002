"""The classifier on a real desk: it is there from the start, staff teach it, and a new version is taken up."""

from collections.abc import AsyncIterator
from http import HTTPStatus
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from contracts.channel import ChannelMessage
from tests.integration.cases import NOBODY
from tests.support.desk import Desk, desk_in
from tests.support.make import message
from tests.support.wait import until

pytestmark = pytest.mark.real
WANG = {"X-Yibao-Staff": "wang"}
Json = dict[str, Any]


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk_in(tmp_path, "intake") as desk:
        yield desk


async def case_of(desk: Desk, text: str) -> Json:
    """The case that this question opens."""
    asked: ChannelMessage = message(f"m{uuid4()}", text, conversation=f"c{uuid4()}", sender=f"u{uuid4()}")
    await desk.send(asked)

    async def look() -> Json | None:
        answer = await desk.http.get(desk.url("intake", f"/messages/wechat/{asked.message_id}"))
        return answer.json() if answer.status_code == HTTPStatus.OK else None

    return await until("the case is open", look)


async def train(desk: Desk) -> Json:
    """Trains on request; what is then in use."""
    answer = await desk.http.post(desk.url("intake", "/categories/train"), headers=WANG)
    assert answer.status_code == HTTPStatus.ACCEPTED

    async def done() -> Json | None:
        told: Json = await desk.get("intake", "/categories/models")
        return told if told["training"]["state"] in ("done", "failed") else None

    told = await until("the training has ended", done, within_s=120)
    assert told["training"]["state"] == "done", told
    [used] = [m for m in told["models"] if m["in_use"]]
    return dict(used)


async def test_a_version_that_learnt_from_staff_is_used_at_once_and_after_a_restart(desk: Desk) -> None:
    told = await desk.get("intake", "/categories")
    assert len(told["categories"]) == 21
    shipped = told["model"]
    assert shipped["corrections"] == 0
    case = await case_of(desk, "蓝单子放哪个盒子里")
    answer = await desk.http.post(
        desk.url("intake", f"/cases/{case['number']}/categorise"), headers=WANG, json={"category": "生育津贴"}
    )
    assert answer.status_code == HTTPStatus.OK, answer.text
    used = await train(desk)
    assert used["version"] != shipped["version"]
    assert used["corrections"] == 1
    assert (await desk.get("intake", "/categories"))["corrections"] == 1
    await desk.stop("intake")
    await desk.start("intake")

    async def same() -> bool:
        return bool((await desk.get("intake", "/categories"))["model"]["version"] == used["version"])

    await until("the version is in use again", same)


async def test_a_second_training_has_to_wait_for_the_first_and_nobody_trains_unnamed(desk: Desk) -> None:
    url = desk.url("intake", "/categories/train")
    assert (await desk.http.post(url, headers=NOBODY)).status_code == HTTPStatus.UNAUTHORIZED
    assert (await desk.http.post(url, headers=WANG)).status_code == HTTPStatus.ACCEPTED
    again = await desk.http.post(url, headers=WANG)
    assert again.status_code == HTTPStatus.CONFLICT
    assert "正在训练" in again.json()["message"]
