"""Bad input has one defined outcome each; docs/bad-input.md has a line for every test of this module."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from nats.errors import MaxPayloadError

from chassis import deadletter
from contracts.channel import ChannelMessage
from tests.faults.desk import Desk, Json, desk_in
from tests.support.make import message
from tests.support.wait import until

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    async with desk_in(tmp_path_factory.mktemp("bad")) as desk:
        await desk.start("intake")
        yield desk


def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def fresh(message_id: str, text: str = "门诊结算失败", **more: Any) -> ChannelMessage:
    """A message of today in a conversation of its own."""
    return message(message_id, text, **{"conversation": message_id, "occurred_at": now(), **more})


def body_of(message: ChannelMessage, **changes: Any) -> bytes:
    body = {**message.model_dump(mode="json"), **changes}
    return json.dumps({k: v for k, v in body.items() if v is not ...}, ensure_ascii=False).encode()


async def case_of(desk: Desk, message_id: str) -> Json:
    async def look() -> Json | None:
        answer: Json = await desk.get("intake", f"/messages/wechat/{message_id}")
        return answer if "outcome" in answer else None

    return await until(f"{message_id} is in a case", look)


async def buried(desk: Desk, body: bytes, subject: str = "channel.in.wechat") -> str:
    """The reason why exactly this message, byte for byte, became the newest dead letter."""
    before = len(await desk.dead())
    await desk.put(body, subject)
    await desk.handled("intake")
    [letter] = (await desk.dead())[before:]
    headers = letter.headers or {}
    assert (letter.data or b"", headers[deadletter.SUBJECT]) == (body, subject)
    return deadletter.decode(headers[deadletter.REASON])


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


async def test_more_than_the_broker_takes_is_refused_to_the_adapter(desk: Desk) -> None:
    with pytest.raises(MaxPayloadError):
        await desk.send(fresh("huge", "x" * 4 * 1024 * 1024))


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


@pytest.mark.parametrize("window", ["within", "outside"])
async def test_a_known_id_with_other_content_is_a_dead_letter(desk: Desk, window: str) -> None:
    first, other = (fresh(f"twice-{window}", text) for text in ("2207报错", "3201报错"))
    await desk.send(first)
    await case_of(desk, first.message_id)
    before = len(await desk.dead())
    await (desk.send(other) if window == "within" else desk.put(body_of(other)))
    await desk.handled("intake")
    [letter] = (await desk.dead())[before:]
    assert "内容不同" in deadletter.decode((letter.headers or {})[deadletter.REASON])
    case = await case_of(desk, first.message_id)
    assert ([line["text"] for line in case["lines"]], case["version"]) == (["2207报错"], 1)


@pytest.mark.parametrize("window", ["within", "outside"])
async def test_a_known_id_with_the_same_content_changes_nothing(desk: Desk, window: str) -> None:
    once = fresh(f"again-{window}")
    await desk.send(once)
    await desk.handled("intake")
    stored, said, dead = [(await desk.js.stream_info(s)).state.messages for s in ("CHANNEL", "CASE", "DEAD")]
    await (desk.send(once) if window == "within" else desk.put(body_of(once)))
    await desk.handled("intake")
    after = [(await desk.js.stream_info(s)).state.messages for s in ("CHANNEL", "CASE", "DEAD")]
    assert after == [stored + (window == "outside"), said, dead]
    assert ((await case_of(desk, once.message_id))["received"], (await case_of(desk, once.message_id))["version"]) == (
        1,
        1,
    )


async def test_one_id_in_two_conversations_belongs_to_the_case_that_had_it_first(desk: Desk) -> None:
    both = [fresh("shared-id", text, conversation=text) for text in ("甲院结算失败", "乙院签到异常")]
    dead = len(await desk.dead())
    await desk.send(*both)
    await desk.handled("intake")
    documents = await desk.documents("cases")
    knowing = [d for d in documents if both[0].cause_id in d["causes"]]
    assert [d["state"]["title"] for d in knowing] == ["甲院结算失败"]
    assert len(await desk.dead()) == dead + 1


async def test_ten_thousand_messages_of_one_sender_are_all_accounted_for(desk: Desk) -> None:
    texts = ("结算失败" if n % 2 else f"第{n}次还是不行" for n in range(10_000))
    flood = [fresh(f"flood{n}", text, conversation="flood", sender="flooder") for n, text in enumerate(texts)]
    await desk.send(*flood)
    await desk.handled("intake", within_s=60)
    cases = [c for c in await desk.get("intake", "/cases", limit=500) if c["requester_id"] == "flooder"]
    assert sum(len(c["lines"]) + c["repeats"] for c in cases) == 10_000
    where = [k for c in cases for line in c["lines"] for k in line["message_ids"]]
    assert sorted(where) == sorted(m.message_id for m in flood)
    assert max(len(c["lines"]) for c in cases) <= 200
    assert sum(c["current"] for c in cases) <= 1


async def yibao(desk: Desk, *words: str) -> str:
    env = {**os.environ, "YIBAO_NATS_URL": desk.settings.nats_url, "COLUMNS": "200"}
    run = await asyncio.create_subprocess_exec(sys.executable, "-m", "yibao", *words, stdout=-1, stderr=-1, env=env)
    out, err = await run.communicate()
    assert run.returncode == 0, err.decode()
    return out.decode()


async def test_a_dead_letter_is_listed_shown_mended_and_replayed(desk: Desk, tmp_path: Path) -> None:
    await buried(desk, body_of(fresh("mended"), text="电话13812345678报错", occurred_at="yesterday"))
    number = str((await desk.js.stream_info("DEAD")).state.last_seq)
    row = next(line for line in (await yibao(desk, "dead", "list")).splitlines() if number in line.split())
    assert "channel.in.wechat" in row and "intake-channel" in row and "occurred_at" in row
    assert "13812345678" not in await yibao(desk, "dead", "show", number)
    mended = json.loads(await yibao(desk, "dead", "show", number, "--raw")) | {"occurred_at": now().isoformat()}
    (tmp_path / "mended.json").write_text(json.dumps(mended))
    assert "channel.in.wechat" in await yibao(desk, "dead", "replay", number, "--body", str(tmp_path / "mended.json"))
    assert (await case_of(desk, "mended"))["title"] == "电话138****5678报错"
