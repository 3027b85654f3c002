"""What the desk asks of vendors on its own: files behind a media id, and messages over a bot's connection."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import pytest_asyncio
from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import ServerConnection, serve

from chassis.posting import SendFailed
from services.intake.channels.onebot.link import Link
from services.intake.channels.reading import Json
from tests.integration.cases import NOBODY, STAFF
from tests.support.desk import Desk, desk_in
from tests.support.wait import until
from tests.support.wecom import KEY, TOKEN, envelope, sealed, signed, xml

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]

JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffd9") + b"\0" * 64


class Vendor:
    """A server that speaks like qyapi.weixin.qq.com: errors come with status 200."""

    def __init__(self) -> None:
        self.tokens = 0
        self.asked: list[str] = []

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        url = urlsplit(head.split(" ")[1])
        status, body = self._body(url.path, parse_qs(url.query))
        writer.write(b"HTTP/1.1 %d X\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % (status, len(body)) + body)
        await writer.drain()
        writer.close()

    def _body(self, path: str, query: dict[str, list[str]]) -> tuple[int, bytes]:
        if path == "/cgi-bin/gettoken":
            self.tokens += 1
            return 200, json.dumps({"errcode": 0, "access_token": f"t{self.tokens}", "expires_in": 7200}).encode()
        media = query["media_id"][0]
        self.asked.append(media)
        if media == "gone":
            return 200, json.dumps({"errcode": 40007, "errmsg": "invalid media_id"}).encode()
        if media == "expired" and query["access_token"] == ["t1"]:
            return 200, json.dumps({"errcode": 42001, "errmsg": "access_token expired"}).encode()
        return 200, JPEG


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def vendor() -> AsyncIterator[tuple[Vendor, str]]:
    vendor = Vendor()
    server = await asyncio.start_server(vendor.answer, "127.0.0.1", 0)
    async with server:
        yield vendor, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory, vendor: tuple[Vendor, str]) -> AsyncIterator[Desk]:
    directory = tmp_path_factory.mktemp("outward")
    wecom = f"{{corp_id: ww1, token: {TOKEN}, encoding_aes_key: {KEY}, corp_secret: s, api_url: '{vendor[1]}'}}"
    (directory / "channels.yaml").write_text(f"wecom: {wecom}\n", encoding="utf-8")
    async with desk_in(directory, "intake", YIBAO_CHANNELS=str(directory / "channels.yaml")) as desk:
        yield desk


async def sent(desk: Desk, message_id: str, **fields: str) -> str:
    """The address under which the desk promises the picture of a new message."""
    at = int(datetime.now(UTC).timestamp())
    encrypted = sealed(xml("image", message_id, at, sender=message_id, **fields))
    url = desk.url("intake", f"/channels/wecom/callback?{signed(encrypted, at, message_id)}")
    assert (await desk.http.post(url, content=envelope(encrypted))).text == "success"
    [message] = [m for m in await desk.stream("CHANNEL") if m.get("message_id") == f"wecom:{message_id}"]
    return str(message["attachments"][0]["url"])


async def became(desk: Desk, url: str, status: int) -> httpx.Response:
    async def look() -> httpx.Response | None:
        answer = await desk.http.get(desk.url("intake", url), headers=STAFF)
        waiting = answer.status_code == 404 and answer.json()["code"] == "not_yet"
        return None if waiting or answer.status_code != status else answer

    return await until(f"{url} answers {status}", look)


async def test_a_picture_is_fetched_and_kept(desk: Desk) -> None:
    url = await sent(desk, "1", MediaId="m1")
    answer = await became(desk, url, 307)
    kept = await desk.http.get(desk.url("intake", answer.headers["Location"]), headers=STAFF)
    assert kept.content == JPEG
    for guarded in (url, answer.headers["Location"]):
        assert (await desk.http.get(desk.url("intake", guarded), headers=NOBODY)).status_code == 401


async def test_a_token_that_has_run_out_is_fetched_anew(desk: Desk, vendor: tuple[Vendor, str]) -> None:
    url = await sent(desk, "2", MediaId="expired")

    async def asked() -> bool:
        return "expired" in vendor[0].asked

    await until("the vendor was asked", asked)
    media = desk.mongo[desk.settings.mongo_db]["media"]
    await until("it is put off", lambda: media.find_one({"state": "waiting", "next_at": {"$gt": datetime.now(UTC)}}))
    await media.update_many({"state": "waiting"}, {"$set": {"next_at": datetime.now(UTC)}})
    await became(desk, url, 307)
    assert vendor[0].tokens == 2


@pytest.mark.parametrize(
    ("fields", "reason"),
    [({"MediaId": "gone"}, "40007"), ({"PicUrl": "http://10.0.0.1/admin"}, "不在允许的范围")],
)
async def test_what_cannot_be_fetched_says_so(desk: Desk, fields: dict[str, str], reason: str) -> None:
    url = await sent(desk, f"3-{len(reason)}", **fields)

    async def look() -> Any:
        answer = (await desk.http.get(desk.url("intake", url), headers=STAFF)).json()
        return answer if answer["code"] == "not_found" else None

    assert reason in (await until("it has failed", look))["message"]


@asynccontextmanager
async def bot(link: Link) -> AsyncIterator[ClientConnection]:
    """A bot that has dialled in to `link` over a real WebSocket."""

    async def handle(socket: ServerConnection) -> None:
        class Text:
            async def send_text(self, data: str) -> None:
                await socket.send(data)

        async def receive() -> str:
            return str(await socket.recv())

        async def take(event: Json) -> None:
            raise AssertionError(event)

        await link.serve("10001", Text(), receive, take)

    async with serve(handle, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        async with connect(f"ws://127.0.0.1:{port}") as client:

            async def connected() -> bool:
                return link.connected == ("10001",)

            await until("the bot is connected", connected)
            yield client


ADDRESS = {"kind": "group", "target": "5550001", "self_id": "10001"}


async def test_a_reply_goes_out_over_the_bots_connection() -> None:
    async with httpx.AsyncClient() as http, bot(link := Link(http)) as client:
        sending = asyncio.create_task(link.send(ADDRESS, "请重新签到"))
        asked = json.loads(await client.recv())
        assert (asked["action"], asked["params"]["group_id"]) == ("send_msg", 5550001)
        assert asked["params"]["message"] == [{"type": "text", "data": {"text": "请重新签到"}}]
        await client.send(json.dumps({"status": "ok", "retcode": 0, "data": {"message_id": 1}, "echo": "another"}))
        await client.send(json.dumps({"status": "ok", "retcode": 0, "data": {"message_id": 1}, "echo": asked["echo"]}))
        await sending


async def test_a_reply_that_the_bot_refuses_has_failed_for_good() -> None:
    async with httpx.AsyncClient() as http, bot(link := Link(http)) as client:
        sending = asyncio.create_task(link.send(ADDRESS, "x"))
        asked = json.loads(await client.recv())
        await client.send(json.dumps({"status": "failed", "retcode": 120, "echo": asked["echo"]}))
        with pytest.raises(SendFailed, match="120") as failed:
            await sending
        assert failed.value.permanent


async def test_a_connection_that_ends_before_the_answer_leaves_it_open() -> None:
    async with httpx.AsyncClient() as http, bot(link := Link(http)) as client:
        sending = asyncio.create_task(link.send(ADDRESS, "x"))
        await client.recv()
        await client.close()
        with pytest.raises(SendFailed) as failed:
            await sending
        assert failed.value.unsure and not failed.value.permanent


async def test_without_any_connection_a_reply_waits() -> None:
    async with httpx.AsyncClient() as http:
        with pytest.raises(SendFailed, match="没有连上") as failed:
            await Link(http).send(ADDRESS, "x")
        assert not failed.value.permanent
        with pytest.raises(SendFailed, match="api_url"):
            await Link(http, "http://127.0.0.1:9").send(ADDRESS, "x")
