"""The HTTP server of the fake vendors: asyncio, connections kept alive, for thousands of requests a second."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Sequence
from urllib.parse import parse_qsl, urlsplit

from tests.support.providers.core import Answer, Request, Trouble, Vendor


class Front:
    """One port for all vendors: who has the longest beginning of a path answers for it."""

    def __init__(self, vendors: Sequence[Vendor]) -> None:
        self._by_prefix = sorted(
            ((prefix, vendor) for vendor in vendors for prefix in vendor.prefixes), key=lambda pair: -len(pair[0])
        )
        self._over = asyncio.Event()
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @contextlib.asynccontextmanager
    async def serving(self, port: int = 0) -> AsyncIterator["Front"]:
        server = await asyncio.start_server(self._connected, "127.0.0.1", port, backlog=1024)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            self._over.set()
            server.close()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while (request := await read_request(reader)) is not None:
                if not await self._served(request, writer):
                    break
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            with contextlib.suppress(ConnectionError):
                writer.close()

    async def _served(self, request: Request, writer: asyncio.StreamWriter) -> bool:
        """Whether the connection goes on."""
        vendor = next((v for prefix, v in self._by_prefix if request.path.startswith(prefix)), None)
        if vendor is None:
            return await _say(writer, Answer(404, {"error": "no such vendor"}))
        vendor.asked.append(request)
        trouble = vendor.trouble(request)
        if trouble is None:
            return await _say(writer, vendor.answer(request))
        before = len(vendor.taken)
        answer = vendor.answer(request) if trouble.taken else trouble.answer
        for taken in vendor.taken[before:]:
            vendor.receipt(taken, trouble.receipts)
        return await self._troubled(trouble, answer, writer)

    async def _troubled(self, trouble: Trouble, answer: Answer, writer: asyncio.StreamWriter) -> bool:
        if trouble.after_s or trouble.kind == "silence":
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._over.wait(), trouble.after_s or None)
        if trouble.kind in ("answer", "none"):
            return await _say(writer, trouble.answer if trouble.kind == "answer" else answer)
        if trouble.kind == "half":
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
            await writer.drain()
        if trouble.kind == "reset":
            writer.transport.abort()
        return False


async def read_request(reader: asyncio.StreamReader) -> Request | None:
    """The next request of a connection, None at its end."""
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.rstrip("\r\n").split("\r\n")
    method, target, _ = first.split(" ", 2)
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    parts = urlsplit(target)
    return Request(method, parts.path, dict(parse_qsl(parts.query, keep_blank_values=True)), headers, body)


async def _say(writer: asyncio.StreamWriter, answer: Answer) -> bool:
    body = answer.body if isinstance(answer.body, bytes) else b"" if answer.body is None else _json(answer.body)
    headers = {"Content-Type": "application/json", **answer.headers, "Content-Length": str(len(body))}
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    writer.write(f"HTTP/1.1 {answer.status} -\r\n{lines}\r\n".encode() + body)
    await writer.drain()
    return True


def _json(body: object) -> bytes:
    return json.dumps(body, ensure_ascii=False).encode()
