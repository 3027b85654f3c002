"""WeChat customer service and group robots against a server that speaks like the vendor's, through a real desk."""

import base64
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from contracts.channel import ChannelMessage
from services.intake.channels.ports import NotTaken
from services.intake.channels.wecom.access import Access
from services.intake.channels.wecom.kf import Ring
from services.intake.channels.wecom.pull import COLLECTION, Pull
from tests.integration.cases import do
from tests.support.desk import Desk, desk_in
from tests.support.provider import SILENCE, Answer, Asked, Provider, providing
from tests.support.traces import Json
from tests.support.wait import until
from tests.support.wecom import KEY, TOKEN, envelope, sealed, signed, xml

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]

RECORDS = '"limit": 1000'  # in every request for records, and in no other
CHANNELS = """
wecom:
  corp_id: ww1
  token: {token}
  encoding_aes_key: {key}
  corp_secret: s
  api_url: "{url}"
senders:
  wechat: {{kind: wecom, url: "{url}", corp_id: ww1, corp_secret: s, agent_id: "1000002"}}
"""


def seconds() -> int:
    return int(datetime.now(UTC).timestamp())


def record(message_id: str, text: str, customer: str = "wm1", **more: Any) -> Json:
    return {
        "msgid": message_id, "open_kfid": "wk1", "external_userid": customer, "send_time": seconds(), "origin": 3,
        "msgtype": "text", "text": {"content": text}, **more,
    }  # fmt: skip


def page(cursor: str, *records: Json, more: int = 0) -> Answer:
    body = {"errcode": 0, "errmsg": "ok", "next_cursor": cursor, "has_more": more, "msg_list": list(records)}
    return Answer(200, body)


@pytest.fixture(scope="module")
def vendor() -> Iterator[tuple[Provider, str]]:
    with providing() as found:
        yield found


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory, vendor: tuple[Provider, str]) -> dict[str, str]:
    path: Path = tmp_path_factory.mktemp("kf") / "channels.yaml"
    path.write_text(CHANNELS.format(token=TOKEN, key=KEY, url=vendor[1]), encoding="utf-8")
    return {"YIBAO_CHANNELS": str(path), "YIBAO_SECRET_KEY": base64.b64encode(b"k" * 32).decode()}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str]) -> AsyncIterator[Desk]:
    async with desk_in(tmp_path_factory.mktemp("customers"), "intake", **environment) as desk:
        yield desk


@pytest.fixture
def provider(vendor: tuple[Provider, str]) -> Provider:
    vendor[0].asked.clear()
    vendor[0].answers.clear()
    return vendor[0]


async def ring(desk: Desk, nonce: str, token: str = "ENC1") -> httpx.Response:
    """The vendor says that there is something."""
    content = xml("event", message_id="", at=seconds(), Event="kf_msg_or_event", Token=token, OpenKfId="wk1")
    encrypted = sealed(content)
    url = desk.url("intake", f"/channels/wecom/callback?{signed(encrypted, seconds(), nonce)}")
    return await desk.http.post(url, content=envelope(encrypted))


async def case_of(desk: Desk, message_id: str) -> Json:
    async def look() -> Json | None:
        answer: Json = await desk.get("intake", f"/messages/wechat/kf:{message_id}")
        return answer if "outcome" in answer else None

    return await until(f"{message_id} is in a case", look)


async def quiet(desk: Desk) -> None:
    """Until nothing is announced any more that has not been fetched."""
    desks = desk.mongo[desk.settings.mongo_db][COLLECTION]

    async def look() -> bool:
        return await desks.count_documents({"waiting": True}) == 0

    await until("all announcements are carried out", look)


async def test_what_a_customer_says_is_fetched_page_by_page_and_becomes_one_case(
    desk: Desk, provider: Provider
) -> None:
    entered = {"msgtype": "event", "origin": 4, "event": {"event_type": "enter_session"}}
    provider.answers[RECORDS] = [
        page("c1", entered, record("1", "门诊结算失败, 报错 2207"), more=1),
        page("c2", {"msgtype": "text", "origin": 3}, record("2", "已经排队一小时了"),
             record("3", "正在查", origin=5, servicer_userid="wangfang")),
    ]  # fmt: skip
    answer = await ring(desk, "k1")
    assert (answer.status_code, answer.text) == (200, "success")
    case = await case_of(desk, "1")
    await quiet(desk)
    await desk.handled("intake")
    first, second = [a for a in provider.asked if "sync_msg" in a.path]
    assert first.body == {"token": "ENC1", "open_kfid": "wk1", "limit": 1000}
    assert second.body == {**first.body, "cursor": "c1"}
    said = [m for m in await desk.stream("CHANNEL") if m.get("message_id", "").startswith("kf:")]
    assert [(m["message_id"], m["sender"]["role"]) for m in said] == [
        ("kf:1", "requester"), ("kf:2", "requester"), ("kf:3", "staff"),
    ]  # fmt: skip
    assert {m["conversation_id"] for m in said} == {"kf:wk1:wm1"}
    timeline = (await desk.get("intake", f"/cases/{case['id']}"))["timeline"]
    assert [e["via"] for e in timeline if e["type"] == "case.responded"] == ["group"]


async def test_five_answers_go_to_the_customer_and_the_sixth_is_refused_with_what_to_do(
    desk: Desk, provider: Provider
) -> None:
    provider.answers[RECORDS] = [page("c3", record("4", "备案查询失败", customer="wm2"))]
    await ring(desk, "k2")
    case = str((await case_of(desk, "4"))["id"])
    for n in range(5):
        assert (await do(desk, case, "respond", text=f"第{n}次答复")).status_code == 200
    refused = await do(desk, case, "respond", text="第六次答复")
    assert refused.status_code == 409 and "改打电话" in refused.json()["message"]

    async def sent() -> list[Asked] | None:
        found = provider.about("次答复")
        return found if len(found) == 5 else None

    for request in await until("five answers are sent", sent):
        assert request.path.startswith("/cgi-bin/kf/send_msg")
        assert (request.body["touser"], request.body["open_kfid"]) == ("wm2", "wk1")


async def test_an_intake_that_is_killed_while_it_fetches_goes_on_where_it_was(
    desk: Desk, provider: Provider, environment: dict[str, str]
) -> None:
    provider.answers[RECORDS] = [
        page("c4", record("5", "目录对照不上", customer="wm3"), more=1), SILENCE,
        page("c5", record("6", "请问怎么改", customer="wm3")),
    ]  # fmt: skip
    await ring(desk, "k3")

    async def at_the_second_page() -> bool:
        return len([a for a in provider.asked if "sync_msg" in a.path]) == 2

    await until("the second page is asked for", at_the_second_page)
    await desk.kill("intake")
    await desk.start("intake", **environment)
    await desk.ready("intake")
    await case_of(desk, "6")
    await quiet(desk)
    said = [m["message_id"] for m in await desk.stream("CHANNEL") if m.get("message_id") in ("kf:5", "kf:6")]
    assert sorted(said) == ["kf:5", "kf:6"]


class Log:
    """Takes messages, but for the `fails`-th."""

    def __init__(self, fails: int) -> None:
        self.taken: list[str] = []
        self._left = fails

    async def take(self, message: ChannelMessage, address: dict[str, str]) -> None:
        self._left -= 1
        if self._left == 0:
            raise NotTaken
        self.taken.append(message.message_id)


async def test_no_message_is_lost_wherever_the_log_is_away(desk: Desk, vendor: tuple[Provider, str]) -> None:
    pages = [page("a1", record("x1", "一"), record("x2", "二"), more=1), page("a2", record("x3", "三"))]

    def by_cursor(request: httpx.Request) -> httpx.Response:
        if "gettoken" in str(request.url):
            return httpx.Response(200, json={"access_token": "t", "expires_in": 7200})
        return httpx.Response(200, json=pages[b'"cursor":"a1"' in request.content.replace(b" ", b"")].body)

    db = desk.mongo[f"{desk.settings.mongo_db}_kf"]
    for fails in range(1, 4):
        await db[COLLECTION].delete_many({})
        async with httpx.AsyncClient(transport=httpx.MockTransport(by_cursor)) as http:
            access = Access(http, vendor[1], "ww1", "s")
            before = Log(fails)
            await Pull(access, db, before.take).announce(Ring("wk1", "T"))
            await Pull(access, db, before.take).fetch()
            assert len(before.taken) == fails - 1
            await db[COLLECTION].update_many({}, {"$set": {"next_at": datetime.now(UTC)}})
            after = Log(0)
            await Pull(access, db, after.take).fetch()
        assert {*before.taken, *after.taken} == {"kf:x1", "kf:x2", "kf:x3"}
        [kept] = await db[COLLECTION].find().to_list()
        assert (kept["cursor"], kept["waiting"]) == ("a2", False)
    await desk.mongo.drop_database(db.name)


async def test_a_token_that_has_run_out_is_left_away(desk: Desk, provider: Provider) -> None:
    expired = Answer(200, {"errcode": 95007, "errmsg": "invalid msg token"})
    provider.answers['"token": "OLD"'] = [expired]
    provider.answers[RECORDS] = [page("c6", record("7", "生育津贴进度", customer="wm4"))]
    await ring(desk, "k5", token="OLD")
    await case_of(desk, "7")
    asked = [a.body.get("token") for a in provider.asked if "sync_msg" in a.path]
    assert asked == ["OLD", None]
