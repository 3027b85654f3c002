"""Channels as their vendors use them: real HTTP and WebSocket into a real desk, and the cases that come of it."""

import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import pytest_asyncio
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from chassis.vault import Vault
from contracts.channel import conversation_of
from tests.integration.cases import NOBODY
from tests.support.desk import Desk, desk_in
from tests.support.traces import Json
from tests.support.wait import until
from tests.support.wecom import KEY, TOKEN, envelope, sealed, signed, xml

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]

STAFF = {"X-Yibao-Staff": "wang.fang"}
CHANNELS = """
wecom:
  corp_id: ww1
  token: ${T_TOKEN}
  encoding_aes_key: ${T_KEY}
  staff: [wangfang]
  robot: {token: QDG6eK, encoding_aes_key: abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ}
  archive_secret: archive-secret
onebot: {access_token: bot-token, secret: bot-secret}
phone: {missed_after_s: 0.5}
"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    directory = tmp_path_factory.mktemp("channels")
    (directory / "channels.yaml").write_text(CHANNELS, encoding="utf-8")
    key = base64.b64encode(b"k" * 32).decode()
    environment = {"YIBAO_CHANNELS": str(directory / "channels.yaml"), "YIBAO_SECRET_KEY": key}
    async with desk_in(directory, "intake", T_TOKEN=TOKEN, T_KEY=KEY, **environment) as desk:
        yield desk


def seconds() -> int:
    return int(datetime.now(UTC).timestamp())


async def outcome(desk: Desk, channel: str, message_id: str) -> Json:
    async def look() -> Json | None:
        answer: Json = await desk.get("intake", f"/messages/{channel}/{message_id}")
        return answer if "outcome" in answer else None

    return await until(f"{message_id} is in a case", look)


async def stored(desk: Desk, message_id: str) -> list[Json]:
    return [m for m in await desk.stream("CHANNEL") if m.get("message_id") == message_id]


async def address(desk: Desk, channel: str, conversation_id: str) -> dict[str, Any] | None:
    conversation = conversation_of(channel, conversation_id)
    found = await desk.mongo[desk.settings.mongo_db]["addresses"].find_one({"_id": conversation})
    opened: dict[str, Any] | None = found and json.loads(Vault(b"k" * 32).open(conversation, found["sealed"]))
    return opened


async def kept_address(desk: Desk, channel: str, conversation_id: str) -> dict[str, Any]:
    """It is kept beside the message: maybe a moment after the case is there."""
    return await until("the address is kept", lambda: address(desk, channel, conversation_id))


async def wecom(desk: Desk, content: str, nonce: str, path: str = "callback", **more: Any) -> httpx.Response:
    encrypted = sealed(content, more.get("receiver", "ww1"))
    query = signed(encrypted, more.get("at", seconds()), nonce)
    return await desk.http.post(desk.url("intake", f"/channels/wecom/{path}?{query}"), content=envelope(encrypted))


async def test_the_vendor_finds_the_address_right(desk: Desk) -> None:
    encrypted = sealed("1616140317555161061")
    query = signed(encrypted, seconds())
    answer = await desk.http.get(desk.url("intake", f"/channels/wecom/callback?{query}"), params=None)
    assert answer.status_code == 403, "the signature covers the echo, which is missing here"
    url = desk.url("intake", f"/channels/wecom/callback?{query}")
    answer = await desk.http.get(url + "&echostr=" + encrypted.replace("+", "%2B"))
    assert (answer.status_code, answer.text) == (200, "1616140317555161061")


async def test_a_wechat_message_becomes_a_case_with_an_address_to_answer_to(desk: Desk) -> None:
    content = xml(message_id="11", at=seconds(), sender="13812345678", Content="2207 报错：交易超时")
    answer = await wecom(desk, content, "w11")
    assert (answer.status_code, answer.text) == (200, "success"), answer.text
    case = await outcome(desk, "wechat", "wecom:11")
    assert case["outcome"] == "case" and "2207" in case["title"]
    kept = await kept_address(desk, "wechat", "app:1000002:13812345678")
    assert kept == {"kind": "app", "agent_id": "1000002", "to_user": "13812345678"}
    [record] = [r for r in await desk.documents("addresses") if r["channel"] == "wechat"]
    assert b"13812345678" not in record["sealed"]


async def test_a_callback_that_the_vendor_repeats_is_one_message(desk: Desk) -> None:
    content = xml(message_id="12", at=seconds(), sender="repeat", Content="月结对不上")
    encrypted = sealed(content)
    query = signed(encrypted, seconds(), "w12")
    url = desk.url("intake", f"/channels/wecom/callback?{query}")
    answers = [await desk.http.post(url, content=envelope(encrypted)) for _ in range(2)]
    answers.append(await wecom(desk, content, "w12-again"))
    assert [a.text for a in answers] == ["success"] * 3
    await outcome(desk, "wechat", "wecom:12")
    assert len(await stored(desk, "wecom:12")) == 1


async def test_what_is_not_from_the_vendor_is_refused(desk: Desk) -> None:
    content = xml(message_id="13", at=seconds(), Content="x")
    old = await wecom(desk, content, "w13", at=seconds() - 301)
    assert old.status_code == 403 and "5 分钟" in old.json()["message"]
    other = await wecom(desk, content, "w13", receiver="ww2")
    assert other.status_code == 403 and "corp_id" in other.json()["message"]
    forged = await desk.http.post(
        desk.url("intake", "/channels/wecom/callback?msg_signature=x"), content=envelope("eA==")
    )
    assert forged.status_code == 403
    event = xml("event", message_id="", at=seconds(), Event="enter_agent")
    encrypted = sealed(event)
    url = desk.url("intake", f"/channels/wecom/callback?{signed(encrypted, seconds(), 'w13e')}")
    answers = [(await desk.http.post(url, content=envelope(encrypted))).status_code for _ in range(2)]
    assert answers == [200, 403], "an event again is a replay"
    assert not await stored(desk, "wecom:13")


async def test_a_group_robot_and_the_archive_say_who_spoke(desk: Desk) -> None:
    said = {
        "msgid": "r1", "chatid": "wrroom", "chattype": "group", "from": {"userid": "lisi"}, "msgtype": "text",
        "text": {"content": "@医保助手 门特结算失败"}, "response_url": "https://qyapi.weixin.qq.com/r",
    }  # fmt: skip
    encrypted = sealed(json.dumps(said), receiver="")
    url = desk.url("intake", f"/channels/wecom/robot?{signed(encrypted, seconds(), 'r1')}")
    answer = await desk.http.post(url, json={"encrypt": encrypted})
    assert (answer.status_code, answer.text) == (200, "success")
    case = await outcome(desk, "wechat", "wecom:r1")
    record = {
        "msgid": "r2", "action": "send", "from": "wangfang", "roomid": "wrroom", "msgtime": seconds() * 1000,
        "msgtype": "text", "text": {"content": "请先撤销再结算"}, "fromname": "王芳",
    }  # fmt: skip
    archive = desk.url("intake", "/channels/wecom/archive")
    assert (await desk.http.post(archive, json=[record], headers=NOBODY)).status_code == 401
    bearer = {"Authorization": "Bearer archive-secret"}
    answer = await desk.http.post(archive, json=[record, {"msgid": "r3"}, {"action": "switch"}], headers=bearer)
    assert (answer.json()["taken"], answer.json()["ignored"], answer.json()["wrong"][0]["index"]) == (1, 1, 1)
    await desk.handled("intake")
    [message] = await stored(desk, "wecom:r2")
    assert (message["sender"]["role"], message["group"]) == ("staff", True)
    assert (await kept_address(desk, "wechat", "room:wrroom"))["chat_id"] == "wrroom"
    assert case["channel"] == "wechat"


def qq(message_id: int, text: str, group: int | None = 5550001) -> Json:
    where = {"message_type": "group", "group_id": group} if group else {"message_type": "private"}
    return {
        "time": seconds(), "self_id": 10001, "post_type": "message", "message_id": message_id, "user_id": 20002,
        "message": [{"type": "text", "data": {"text": text}}], "sender": {"nickname": "李工"}, **where,
    }  # fmt: skip


async def test_qq_events_come_signed_over_http(desk: Desk) -> None:
    async def posted(event: Json, secret: str = "bot-secret") -> int:
        body = json.dumps(event).encode()
        signature = "sha1=" + hmac.new(secret.encode(), body, hashlib.sha1).hexdigest()
        url = desk.url("intake", "/channels/onebot/events")
        return (await desk.http.post(url, content=body, headers={"X-Signature": signature})).status_code

    assert await posted(qq(1, "备案查询失败")) == 204
    assert await posted(qq(2, "x"), secret="guess") == 403
    assert await posted({"post_type": "meta_event", "meta_event_type": "heartbeat"}) == 204
    assert await posted({"post_type": "message"}) == 400
    assert (await outcome(desk, "qq", "qq:10001:1"))["outcome"] == "case"
    assert await kept_address(desk, "qq", "group:5550001") == {"kind": "group", "target": "5550001", "self_id": "10001"}


async def test_a_bot_dials_in_and_its_events_become_cases(desk: Desk) -> None:
    url = desk.url("intake", "/channels/onebot/ws").replace("http://", "ws://")
    with pytest.raises(InvalidStatus):
        await connect(url, additional_headers={"Authorization": "Bearer guess"})
    headers = {"Authorization": "Bearer bot-token", "X-Self-ID": "10001", "X-Client-Role": "Universal"}
    async with connect(url, additional_headers=headers) as bot:
        await bot.send(json.dumps({"post_type": "meta_event", "meta_event_type": "lifecycle", "sub_type": "connect"}))
        await bot.send("no json at all")
        await bot.send(json.dumps(qq(3, "[CQ]异地就医备案报错", group=None)))
        assert (await outcome(desk, "qq", "qq:10001:3"))["outcome"] == "case"
        assert (await desk.get("intake", "/channels/onebot/status"))["connected"] == ["10001"]

    async def gone() -> bool:
        return not (await desk.get("intake", "/channels/onebot/status"))["connected"]

    await until("the bot has left", gone)


async def test_a_call_is_noted_once_as_what_it_was(desk: Desk) -> None:
    rang = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=3)
    calls = desk.url("intake", "/channels/phone/calls")
    for event, minutes in (("hangup", 5), ("ring", 0), ("answer", 1), ("ring", 0)):
        at = (rang + timedelta(minutes=minutes)).isoformat()
        body = {"call_id": "c1", "event": event, "at": at, "caller": "13987654321", "recording": "rec://1"}
        answer = await desk.http.post(calls, json=body)
        assert answer.status_code == 200 and answer.json()["number"] == "139****4321", answer.text
    assert [c["call_id"] for c in (await desk.http.get(calls, headers=STAFF)).json()] == ["c1"]
    note = {"text": "张三来电：职工医保门诊结算失败", "name": "县医院信息科"}
    url = f"{calls}/c1/note"
    assert (await desk.http.post(url, json=note, headers=NOBODY)).status_code == 401
    answers = [await desk.http.post(url, json=note, headers=STAFF) for _ in range(2)]
    assert [a.status_code for a in answers] == [202, 202], answers[0].text
    changed = await desk.http.post(url, json={"text": "另一段"}, headers=STAFF)
    assert changed.status_code == 409 and "wang.fang" in changed.json()["message"]
    case = await outcome(desk, "phone", "call:c1")
    [message] = await stored(desk, "call:c1")
    assert datetime.fromisoformat(message["occurred_at"]) == rang + timedelta(minutes=1)
    assert message["call"]["recording"] == "rec://1"
    opened = (await desk.get("intake", f"/cases/{case['id']}"))["timeline"][0]
    assert opened["typed_late"] is True, "written down three hours after the call"
    assert "13987654321" not in json.dumps(opened)
    assert (await desk.http.get(calls, headers=STAFF)).json() == []


async def test_a_call_that_nobody_answered_asks_to_be_called_back(desk: Desk) -> None:
    at = datetime.now(UTC).replace(microsecond=0)
    for event, later in (("ring", 0), ("hangup", 25)):
        body = {
            "call_id": "c2",
            "event": event,
            "at": (at + timedelta(seconds=later)).isoformat(),
            "caller": "13987654322",
        }
        await desk.http.post(desk.url("intake", "/channels/phone/calls"), json=body)
    case = await outcome(desk, "phone", "call:c2:missed")
    text = case["lines"][0]["text"]
    assert text.startswith("未接来电") and "响铃 25 秒" in text and "139****4322" in text


async def test_a_web_form_brings_its_files(desk: Desk) -> None:
    url = desk.url("intake", "/channels/web/messages")
    form = {
        "name": "李工",
        "contact": "li@hospital.example",
        "institution": "H62010200123",
        "subject": "结算",
        "text": "见截图",
    }
    png = base64.b64decode(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
    )
    files = [("files", ("截图.png", png, "image/png"))]
    headers = {"Idempotency-Key": "form-1"}
    answers = [await desk.http.post(url, data=form, files=files, headers=headers) for _ in range(2)]
    assert answers[0].status_code == 202, answers[0].text
    assert answers[0].json() == answers[1].json()
    message_id = answers[0].json()["message_id"]
    case = await outcome(desk, "web", message_id)
    assert case["institution_code"] == "H62010200123"
    [message] = await stored(desk, message_id)
    assert message["attachments"][0]["kind"] == "image"
    fetched = await desk.http.get(desk.url("intake", message["attachments"][0]["url"]), headers=STAFF)
    assert fetched.content == png
    blank = await desk.http.post(url, json={"name": "x"})
    assert blank.status_code == 400 and "text" in blank.json()["message"]


async def test_a_visit_on_site_is_recorded(desk: Desk) -> None:
    url = desk.url("intake", "/channels/onsite/visits")
    arrived = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
    visit = {
        "place": "县人民医院收费处", "whom": "李主任", "text": "现场处理 2207 超时",
        "arrived_at": arrived.isoformat(), "left_at": (arrived + timedelta(minutes=40)).isoformat(),
    }  # fmt: skip
    assert (await desk.http.post(url, json=visit, headers=NOBODY)).status_code == 401
    answer = await desk.http.post(url, json=visit, headers=STAFF)
    assert answer.status_code == 202, answer.text
    case = await outcome(desk, "onsite", answer.json()["message_id"])
    assert datetime.fromisoformat(case["opened_at"]) == arrived
    later = {**visit, "left_at": (arrived - timedelta(minutes=1)).isoformat()}
    refused = await desk.http.post(url, json=later, headers=STAFF)
    assert refused.status_code == 400 and "left_at" in refused.json()["message"]


async def test_while_the_log_is_away_the_vendor_is_told_to_send_again(desk: Desk) -> None:
    assert desk.http.timeout.read == 5, "the vendor waits for five seconds, and so does this test"
    headers = {"Authorization": "Bearer bot-token", "X-Self-ID": "10002"}
    url = desk.url("intake", "/channels/onebot/ws").replace("http://", "ws://")
    async with connect(url, additional_headers=headers) as bot:
        await desk.servers.kill("nats")
        content = xml(message_id="20", at=seconds(), sender="patient", Content="拨付没有到账")
        answer = await wecom(desk, content, "w20")
        assert answer.status_code == 503 and "重发" in answer.json()["message"]
        await bot.send(json.dumps(qq(20, "断线时发的", group=None)))
        await desk.servers.start("nats")
        await desk.connected()

        async def taken() -> bool:
            return (await wecom(desk, content, "w20-again")).status_code == 200

        await until("the desk takes messages again", taken)
        assert (await outcome(desk, "wechat", "wecom:20"))["outcome"] == "case"
        assert (await outcome(desk, "qq", "qq:10001:20"))["outcome"] in ("case", "addition")


async def test_while_the_database_is_away_messages_are_taken_and_addresses_follow(desk: Desk) -> None:
    await desk.kill("mongo")
    picture = xml("image", "21", seconds(), sender="lone", PicUrl="http://wework.qpic.cn/1", MediaId="m1")
    for n in range(2):
        answer = await wecom(desk, picture, f"w21-{n}")
        assert (answer.status_code, answer.text) == (200, "success"), answer.text
    await desk.servers.start("mongo")

    async def written() -> dict[str, Any] | None:
        return await address(desk, "wechat", "app:1000002:lone")

    assert (await until("the address is written", written))["to_user"] == "lone"
    assert (await outcome(desk, "wechat", "wecom:21"))["outcome"] == "case"


async def test_the_service_ends_in_time_while_a_bot_is_connected(desk: Desk) -> None:
    headers = {"Authorization": "Bearer bot-token", "X-Self-ID": "10001"}
    async with connect(
        desk.url("intake", "/channels/onebot/ws").replace("http", "ws"), additional_headers=headers
    ) as bot:
        await desk.stop("intake")
        with pytest.raises(ConnectionClosed):
            await bot.recv()
