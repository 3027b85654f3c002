"""What is wrong with one message has a defined outcome; docs/bad-input.md has a line for every test of this module."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from chassis import deadletter
from chassis.broker import PublishRefused
from chassis.errors import Unstorable
from tests.integration.bad import body_of, buried
from tests.integration.cases import case_of, fresh, now
from tests.support.desk import Desk, desk_in

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    async with desk_in(tmp_path_factory.mktemp("bad"), "intake") as desk:
        yield desk


GOOD = fresh("good")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b'{"text": "\xb2\xce\xb1\xa3"}', "不是合法的 JSON (或不是 UTF-8 编码)"),
        ("您好，结算失败".encode(), "不是合法的 JSON"),
        (b"", "不是合法的 JSON"),
        (body_of(GOOD, text=..., message_id=...), "message_id: 缺少此字段"),
        (body_of(GOOD, text=..., attachments=...), "正文为空且没有附件"),
        (body_of(GOOD, text=" \n"), "正文为空且没有附件"),
        (body_of(GOOD, text=5, sender="u1"), "text: 应为字符串"),
        (body_of(GOOD, text=5, sender="u1"), "sender: 格式或类型不符"),
        (body_of(GOOD, message_id="长" * 201), "message_id: 过长"),
        (body_of(GOOD, occurred_at="2026-11-22T12:00:00"), "时间缺少时区"),
        (body_of(GOOD, channel="qq"), "两者必须一致"),
    ],
    ids=[
        "not UTF-8", "not JSON", "nothing", "missing fields", "no text", "blank text", "wrong type", "wrong shape",
        "an id too long", "no time zone", "another channel's subject",
    ],
)  # fmt: skip
async def test_what_is_no_message_is_a_dead_letter_with_its_reason(desk: Desk, body: bytes, reason: str) -> None:
    assert reason in await buried(desk, body)


async def test_an_unknown_channel_is_a_dead_letter(desk: Desk) -> None:
    assert "channel.in.fax 没有约定" in await buried(desk, body_of(GOOD, channel="fax"), "channel.in.fax")


async def test_unknown_fields_are_ignored(desk: Desk) -> None:
    await desk.put(body_of(fresh("extra"), mood="angry", sender={"id": "u", "vip": True}))
    assert (await case_of(desk, "extra"))["title"] == "门诊结算失败"


async def test_two_megabytes_of_text_are_a_case_that_says_how_long_it_was(desk: Desk) -> None:
    await desk.send(fresh("long", "医保" * 350_000))
    [line] = (await case_of(desk, "long"))["lines"]
    assert len(line["text"]) == 20_000
    assert line["text"].endswith("原文共700000字）")


@pytest.mark.parametrize(("megabytes", "error"), [(3.2, PublishRefused), (4.1, Unstorable)])
async def test_more_than_the_stream_takes_is_refused_to_the_adapter(
    desk: Desk, megabytes: float, error: type[Exception]
) -> None:
    with pytest.raises(error):
        await desk.send(fresh("huge", "x" * int(megabytes * 1024 * 1024)))


async def test_an_empty_message_that_looks_like_a_status_is_a_dead_letter(desk: Desk) -> None:
    before = len(await desk.dead())
    await desk.js.publish("channel.in.wechat", b"", stream="CHANNEL", headers={"Status": "503"})
    await desk.handled("intake")
    [letter] = (await desk.dead())[before:]
    assert (letter.headers or {})[deadletter.SUBJECT] == "channel.in.wechat"


async def test_more_attachments_than_a_case_can_hold_are_a_dead_letter(desk: Desk) -> None:
    many = [{"name": f"{n}.png", "url": "https://files.example/x"} for n in range(21)]
    assert "attachments" in await buried(desk, body_of(GOOD, attachments=many))


async def test_control_characters_disappear(desk: Desk) -> None:
    await desk.send(fresh("control", "结\u0000算\u0007失\u200b败\u202e\r\n第二行\u001b[31m"))
    case = await case_of(desk, "control")
    assert [line["text"] for line in case["lines"]] == ["结算失败\n第二行[31m"]


@pytest.mark.parametrize(
    "when", [datetime(1970, 1, 1, tzinfo=UTC), now() + timedelta(days=365)], ids=["1970", "next year"]
)
async def test_a_time_that_cannot_be_is_replaced_by_the_time_of_receipt(desk: Desk, when: datetime) -> None:
    name = f"time-{when.year}"
    await desk.send(fresh(name, occurred_at=when))
    case = await case_of(desk, name)
    opened = (await desk.get("intake", f"/cases/{case['id']}"))["timeline"][0]
    assert opened["time_corrected"] is True
    assert opened["occurred_at"] == opened["recorded_at"]
    assert abs(datetime.fromisoformat(opened["recorded_at"]) - datetime.now(UTC)) < timedelta(seconds=30)


async def yibao(desk: Desk, *words: str) -> str:
    env = {**desk.settings.environment(), "COLUMNS": "200"}
    run = await asyncio.create_subprocess_exec(sys.executable, "-m", "yibao", *words, stdout=-1, stderr=-1, env=env)
    out, err = await run.communicate()
    assert run.returncode == 0, err.decode()
    return out.decode()


async def test_a_dead_letter_is_listed_shown_mended_and_replayed(desk: Desk, tmp_path: Path) -> None:
    await buried(desk, body_of(fresh("mended"), text="电话13812345678报错", occurred_at="yesterday"))
    number = str((await desk.js.stream_info("DEAD")).state.last_seq)
    row = next(line for line in (await yibao(desk, "dead", "list")).splitlines() if number in line.split())
    assert "channel.in.wechat" in row and "occurred_at" in row
    shown = await yibao(desk, "dead", "show", number)
    assert "intake-channel" in shown and "13812345678" not in shown
    mended = json.loads(await yibao(desk, "dead", "show", number, "--raw")) | {"occurred_at": now().isoformat()}
    (tmp_path / "mended.json").write_text(json.dumps(mended))
    assert "channel.in.wechat" in await yibao(desk, "dead", "replay", number, "--body", str(tmp_path / "mended.json"))
    assert (await case_of(desk, "mended"))["title"] == "电话138****5678报错"
