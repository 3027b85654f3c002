"""What a vendor answers: read as far as it is of use, however much comes."""

import asyncio
import gzip
import json
import zlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import pytest

from chassis.posting import LARGEST_ANSWER, LONGEST_ASKED_S, Later, asked, call, client, json_of


@asynccontextmanager
async def answering(write: Callable[[asyncio.StreamWriter], None]) -> AsyncIterator[tuple[str, list[bytes]]]:
    """A server that writes this to everybody; its address, and what it was asked."""
    heads: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append(await reader.readuntil(b"\r\n\r\n"))
        write(writer)
        with suppress(ConnectionError):
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/", heads


def packed(body: bytes, kind: str) -> Callable[[asyncio.StreamWriter], None]:
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    return lambda writer: writer.write(head.encode() + body)


async def test_no_packing_is_asked_for() -> None:
    async with answering(packed(b"{}", "identity")) as (url, heads), client() as http:
        assert await call(http, "POST", url, headers={"X-Own": "1"}, content=b"x") == {}
    assert b"accept-encoding: identity\r\n" in heads[0].lower() and b"x-own: 1\r\n" in heads[0].lower()


@pytest.mark.parametrize("kind", ["gzip", "deflate"])
async def test_an_answer_that_swells_takes_no_more_than_is_kept(kind: str) -> None:
    whole = b"0" * 20_000_000
    body = gzip.compress(whole) if kind == "gzip" else zlib.compress(whole)
    async with answering(packed(body, kind)) as (url, _), client() as http:
        answer = await asked(http, "GET", url)
    assert answer.is_success and 0 < len(answer.content) <= LARGEST_ANSWER
    assert json_of(answer) is None


async def test_an_answer_without_end_is_read_to_the_limit() -> None:
    def endless(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n" + b"1" * (2 * LARGEST_ANSWER))

    async with answering(endless) as (url, _), client() as http:
        assert len((await asked(http, "GET", url)).content) == LARGEST_ANSWER


@pytest.mark.parametrize(
    ("kind", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress), ("br", bytes), ("gzip", bytes)]
)
async def test_who_packs_all_the_same_is_read_where_that_is_possible(kind: str, pack: Callable[[bytes], bytes]) -> None:
    async with answering(packed(pack(json.dumps({"id": "7"}).encode()), kind)) as (url, _), client() as http:
        assert await call(http, "GET", url) == (None if pack is bytes else {"id": "7"})


def test_a_channel_may_ask_for_a_day_and_for_no_more() -> None:
    assert Later("", 3_600).after_s == 3_600
    assert Later("", 1e12).after_s == LONGEST_ASKED_S == 86_400
