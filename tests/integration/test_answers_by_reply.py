"""Acknowledging by an answer in WeCom, on real servers: the alert is taken on, and no case comes of the answer."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio

from chassis.outgoing import Outgoing
from chassis.vault import Vault, load_key
from contracts.channel import ChannelMessage
from contracts.directory import DirectorySaved, Identity, StaffMember
from contracts.envelope import SYSTEM, derive_id
from services.notify.links.codes import Codes
from tests.integration.inbox_reading import Json, alert_of, open_cases
from tests.support.desk import Desk, desk_in
from tests.support.make import NOON, message
from tests.support.wait import until

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    """Intake and notify; wang is a colleague whose account in WeCom is `WangFang`."""
    async with desk_in(tmp_path_factory.mktemp("answers"), "notify", "intake") as desk:
        key = Vault(load_key("", desk.settings.data_dir)).identity("wechat", "WangFang")
        wang = StaffMember(id="wang", identities=(Identity(channel="wechat", key=key),))
        saved = DirectorySaved(
            id=derive_id("wang"), cause_id=derive_id("wang"), correlation_id=derive_id("wang"), version=1,
            occurred_at=NOON, recorded_at=NOON, actor=SYSTEM, kind="staff", key="wang", staff=wang,
        )  # fmt: skip
        await desk.outbox.publish([Outgoing(saved.type, saved.model_dump_json().encode(), str(saved.id))])
        yield desk


def code(desk: Desk, alert: Json, recipient: str = "desk") -> str:
    return Codes(load_key("", desk.settings.data_dir)).code(UUID(alert["alert_id"]), recipient)


def said(text: str, sender: str, role: str = "staff", **more: Any) -> ChannelMessage:
    made = message(f"m-{text}-{sender}", text, sender=sender, conversation=f"app:1:{sender}", **more)
    return made.model_copy(update={"sender": made.sender.model_copy(update={"role": role})})


async def test_a_colleague_takes_on_an_alert_by_answering_with_its_code(desk: Desk) -> None:
    await open_cases(desk, 1)
    alert = await alert_of(desk, 1)
    await desk.send(said(f"知悉 {code(desk, alert).lower()}", "WangFang"))

    async def taken() -> Json | None:
        found = await alert_of(desk, 1)
        return found if found["acknowledged_by"] else None

    found = await until("the alert is acknowledged", taken)
    assert (found["acknowledged_by"], found["acknowledged_via"]) == ("wang", "reply")
    told = [e for e in await desk.stream("NOTIFY") if e["type"] == "notify.acknowledged"]
    assert [e["via"] for e in told] == ["reply"] and "WangFang" not in str(told)


async def test_an_answer_by_a_stranger_or_with_another_code_changes_nothing(desk: Desk) -> None:
    await open_cases(desk, 2, 3)
    alert, other = await alert_of(desk, 2), await alert_of(desk, 3)
    await desk.send(
        said(f"知悉 {code(desk, alert)}", "stranger"), said(code(desk, alert, "staff:li"), "WangFang"),
        said(f"收到 {code(desk, other)}", "WangFang"),
    )  # fmt: skip

    async def other_taken() -> bool:
        return bool((await alert_of(desk, 3))["acknowledged_by"])

    await until("the right answer counts", other_taken)
    assert (await alert_of(desk, 2))["state"] == "queued"


async def test_no_case_comes_of_an_answer_and_a_question_after_it_is_one(desk: Desk) -> None:
    await open_cases(desk, 4)
    alert = await alert_of(desk, 4)
    before = len(await desk.stream("CASE"))
    await desk.send(said(code(desk, alert), "WangFang"), said(f"知悉 {code(desk, alert)}", "guest", "requester"))
    await desk.handled("intake")
    assert len(await desk.stream("CASE")) == before
    await desk.send(said("门诊结算失败, 报错 2207", "guest", "requester"))
    await desk.handled("intake")
    opened = [e["type"] for e in (await desk.stream("CASE"))[before:]]
    assert opened[0] == "case.opened" and opened.count("case.opened") == 1


async def test_a_code_in_a_group_does_not_answer_the_requester_s_question(desk: Desk) -> None:
    asked = message("g1", "住院登记报错 2401", sender="patient", conversation="room:1", group=True)
    await open_cases(desk, 5)
    alert = await alert_of(desk, 5)
    code_ = said(f"收到 {code(desk, alert)}", "WangFang").model_copy(
        update={"conversation_id": "room:1", "group": True, "message_id": "g2"}
    )
    await desk.send(asked)
    await desk.handled("intake")
    before = len(await desk.stream("CASE"))
    await desk.send(code_)
    await desk.handled("intake")
    assert [e["type"] for e in (await desk.stream("CASE"))[before:]] == []


async def test_an_answer_given_while_notify_was_away_still_counts(desk: Desk) -> None:
    await open_cases(desk, 6)
    alert = await alert_of(desk, 6)
    await desk.kill("notify")
    await desk.send(said(f"知悉 {code(desk, alert)}", "WangFang"))
    await desk.start("notify")

    async def taken() -> bool:
        return bool((await alert_of(desk, 6))["acknowledged_via"] == "reply")

    await until("the answer is found", taken)
