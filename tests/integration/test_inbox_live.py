"""The live inbox on real servers: nothing is missed and nothing comes twice, whatever is restarted in between."""

import asyncio
import socket
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
import pytest_asyncio

from chassis.token import Principal, Signer
from tests.integration.inbox_reading import Reader, act, alert_of, escalated, events, open_cases, queued, token_of
from tests.support.desk import Desk, desk_in
from tests.support.wait import until

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]
LONG_AGO = timedelta(minutes=10)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    async with desk_in(tmp_path_factory.mktemp("inbox"), "notify") as desk:
        yield desk


def cases(first: int, n: int) -> range:
    """Numbers of cases that no other test has."""
    return range(first * 1_000, first * 1_000 + n)


async def test_a_reader_misses_nothing_and_hears_nothing_twice_over_restarts_of_notify_and_of_the_server(
    tmp_path: Path,
) -> None:
    async with desk_in(tmp_path, "notify") as desk, Reader(desk) as reader:
        numbers = cases(1, 90)
        await open_cases(desk, *numbers[:30])
        await reader.has("alert", 10)
        await desk.kill("notify")
        await open_cases(desk, *numbers[30:45])
        await desk.start("notify")
        await open_cases(desk, *numbers[45:60])
        await reader.has("alert", 50)
        await desk.servers.kill("nats")
        await desk.servers.start("nats")
        await desk.connected()
        await open_cases(desk, *numbers[60:])
        await reader.has("alert", 90)
        stored = [e["number"] for e in await desk.stream("NOTIFY") if e["type"] == "notify.queued"]
        assert [alert["number"] for alert in reader.of("alert")] == stored
        assert sorted(stored) == sorted(f"YB-{n:04}" for n in numbers)
        assert reader.times >= 2, "the reader has had to connect again"


async def test_what_is_stored_twice_is_heard_once_also_by_a_process_that_has_not_seen_the_first(tmp_path: Path) -> None:
    async with desk_in(tmp_path, "notify") as desk:
        async with Reader(desk) as reader:
            await desk.outbox.publish([queued(1, LONG_AGO), queued(2)])
            await reader.has("alert", 2)
            await desk.outbox.publish([queued(1, LONG_AGO), queued(3, LONG_AGO)])
            await reader.has("alert", 3)
            assert reader.titles() == ["alert 1", "alert 2", "alert 3"]
        await desk.stop("notify")
        await desk.start("notify")
        async with Reader(desk, last="1") as later:
            await desk.outbox.publish([queued(3, LONG_AGO), queued(2, LONG_AGO), queued(4)])
            await later.has("alert", 3)
            assert later.titles() == ["alert 2", "alert 3", "alert 4"]


async def test_who_was_away_for_more_than_is_kept_in_memory_gets_it_out_of_the_stream(desk: Desk) -> None:
    async with Reader(desk, "staff:away") as reader:
        await desk.outbox.publish([queued(10_000, audience="staff:away")])
        [first] = await reader.has("alert", 1)
        last = reader.last
    many = [queued(10_001 + i, audience="staff:away" if i % 10 == 0 else "staff:other") for i in range(1_500)]
    for at in range(0, len(many), 500):
        await desk.outbox.publish(many[at : at + 500])
    async with Reader(desk, "staff:away", last=last) as again:
        await desk.outbox.publish([queued(12_000, audience="staff:away")])
        await again.has("alert", 151)
        assert again.titles() == [f"alert {n}" for n in (*range(10_001, 11_501, 10), 12_000)]
        assert first["title"] not in again.titles()


async def test_a_slow_reader_is_cut_off_and_gets_the_rest_when_it_comes_again(desk: Desk) -> None:
    reader, writer = await resumed(desk, "/inbox/stream?audience=staff:slow")
    many = [queued(20_000 + i, body="长" * 3_000, audience="staff:slow") for i in range(1_500)]
    async with Reader(desk, "staff:slow") as quick:
        for i in range(0, len(many), 100):
            await desk.outbox.publish(many[i : i + 100])
        await quick.has("alert", len(many))

    async def lines() -> AsyncIterator[str]:
        while line := await reader.readline():
            yield line.decode().rstrip("\r\n")

    # The end comes although the stream goes on: what was not taken in time is not kept.
    async with asyncio.timeout(60):
        got = [h async for h in events(lines()) if h.event == "alert"]
    writer.close()
    assert 0 < len(got) < len(many)
    async with Reader(desk, "staff:slow", last=got[-1].id) as again:
        await again.has("alert", len(many) - len(got))
        assert [h.data["title"] for h in got] + again.titles() == [f"alert {20_000 + i}" for i in range(len(many))]


async def test_readers_who_resume_and_take_nothing_are_let_go_and_keep_nobody_else_waiting(desk: Desk) -> None:
    async with Reader(desk, "staff:stuck") as reader:
        await desk.outbox.publish([queued(60_000, audience="staff:stuck")])
        await reader.has("alert", 1)
        last = reader.last
        many = [queued(60_001 + i, body="长" * 3_000, audience="staff:stuck") for i in range(1_500)]
        for i in range(0, len(many), 100):
            await desk.outbox.publish(many[i : i + 100])
        await reader.has("alert", 1_501)
    stuck = [await resumed(desk, f"/inbox/stream?audience=staff:stuck&after={last}") for _ in range(6)]
    async with Reader(desk, "staff:stuck", last=last) as again:
        assert len(await again.has("alert", 1_500)) == 1_500

    async def are_let_go() -> bool:
        said = (await desk.http.get(desk.url("notify", "/metrics"))).text
        return f'yibao_inbox_readers_cut_off_total{{why="stalled"}} {len(stuck)}.0' in said

    await until("all that take nothing are let go", are_let_go)
    for answer, writer in stuck:  # what was under way is all that comes: the rest is not kept for them
        async with asyncio.timeout(60):
            assert len(await answer.read()) < 1_500 * 9_000
        writer.close()


async def resumed(desk: Desk, path: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A reader who has connected and takes nothing more."""
    at = urlsplit(desk.url("notify", "/"))
    slow = socket.socket()
    slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8_192)
    slow.connect((at.hostname, at.port))
    slow.setblocking(False)
    reader, writer = await asyncio.open_connection(sock=slow, limit=2**16)
    token = token_of(desk, "slow", "lead")
    writer.write(f"GET {path} HTTP/1.0\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n".encode())
    assert b"connected" in await reader.readuntil(b": connected")
    return reader, writer


async def test_a_connection_ends_with_the_token_that_opened_it(desk: Desk) -> None:
    token = Signer(desk.settings.desk_key).sign(Principal("gone", "lead"), "notify", datetime.now(UTC), 8)
    path, headers = desk.url("notify", "/inbox/stream?audience=staff:gone"), {"Authorization": f"Bearer {token}"}
    told = ""
    async with httpx.AsyncClient(timeout=60, trust_env=False) as http, http.stream("GET", path, headers=headers) as now:
        assert now.status_code == httpx.codes.OK
        await asyncio.sleep(8)
        await desk.outbox.publish([queued(31_000, audience="staff:gone")])
        async for line in now.aiter_lines():
            told += line
    assert "connected" in told and "31000" not in told and "event" not in told.replace("event: counts", "")


async def test_all_readers_of_a_process_share_one_consumer(desk: Desk) -> None:
    async with asyncio.TaskGroup() as group:
        readers = [Reader(desk, "staff:one", reader=f"r{i}") for i in range(60)]
        for reader in readers:
            group.create_task(reader.__aenter__())
    passing = [c for c in await desk.js.consumers_info("NOTIFY") if not c.config.durable_name]
    await desk.outbox.publish([queued(30_000, audience="staff:one")])
    for reader in readers:
        await reader.has("alert", 1)
        await reader.__aexit__()
    assert len(passing) == 1


async def test_readers_hear_what_becomes_of_an_alert_and_how_many_are_unread(desk: Desk) -> None:
    async with Reader(desk, reader="wang") as wang, Reader(desk, reader="li") as li:
        before = (await wang.has("counts", 1))[-1]["unread"]
        await open_cases(desk, *cases(2, 2))
        await until_unread(wang, before + 2)
        first, second = [await alert_of(desk, n) for n in cases(2, 2)]
        await act(desk, first["alert_id"], "read", "wang")
        await until_unread(wang, before + 1)
        await until_unread(li, before + 2)
        await act(desk, second["alert_id"], "acknowledge", "li")
        await until_unread(wang, before)
        await until_unread(li, before + 1)
        assert [(e["alert_id"], e["actor"]["id"]) for e in wang.of("read")] == [(first["alert_id"], "wang")]
        assert not li.of("read"), "what a colleague has read is still to be read by oneself"
        assert [e["alert_id"] for e in wang.of("acknowledged")] == [second["alert_id"]]
        url, clerk = desk.url("notify", "/inbox/unread?audience=desk"), {"X-Yibao-Staff": "li"}
        assert (await desk.http.get(url, headers=clerk)).json()["unread"] == before + 1


async def until_unread(reader: Reader, n: int) -> None:
    async def look() -> bool:
        return bool(counts := reader.of("counts")) and counts[-1]["unread"] == n

    await until(f"{n} unread", look)


async def test_every_audience_of_an_alert_hears_that_it_was_acknowledged(desk: Desk) -> None:
    async with Reader(desk, "lead", reader="boss") as lead, Reader(desk, "desk", reader="li") as clerk:
        await desk.outbox.publish([escalated(40)])
        [alert] = await lead.has("alert", 1)
        await act(desk, alert["alert_id"], "acknowledge", "li")
        assert (await lead.has("acknowledged", 1))[0]["actor"]["id"] == "li"
        assert (await clerk.has("acknowledged", 1))[0]["alert_id"] == alert["alert_id"]


@pytest.mark.parametrize("last", ["999999999", "9" * 5_000, "x"])
async def test_a_reader_of_another_stream_is_told_to_look_again(desk: Desk, last: str) -> None:
    async with Reader(desk, "staff:lost", last=last) as reader:
        await desk.outbox.publish([queued(50_000 + len(last), audience="staff:lost")])
        await reader.has("alert", 1)
        heard = [h.event for h in reader.heard if h.event != "counts"]
        assert heard == (["reset", "alert"] if last.isdigit() else ["alert"])
