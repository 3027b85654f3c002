"""A push service on loopback as browsers know it: Mozilla's autopush protocol to the browser, RFC 8030 to senders.

A browser registers over the WebSocket and gets an endpoint; what is posted there goes to the browser as it came,
encrypted, and counts as delivered once the browser has acknowledged it.
"""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import websockets

Json = dict[str, Any]
_CREATED, _GONE = b"201 Created", b"410 Gone"


@dataclass
class Posted:
    """What a sender has posted to an endpoint."""

    channel: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Autopush:
    """`server_url` is the browser's `dom.push.serverURL`; `acknowledged` are codes by version: 100 is decrypted."""

    server_url: str = ""
    endpoint_url: str = ""
    posted: list[Posted] = field(default_factory=list)
    keys: dict[str, str] = field(default_factory=dict)
    acknowledged: dict[str, int] = field(default_factory=dict)
    _browsers: dict[str, websockets.ServerConnection] = field(default_factory=dict)

    async def talk(self, browser: websockets.ServerConnection) -> None:
        """With one browser, until it goes."""
        with suppress(websockets.ConnectionClosed):
            async for text in browser:
                said: Json = json.loads(text)
                if (answer := self._answer(said, browser)) is not None:
                    await browser.send(json.dumps(answer))

    def _answer(self, said: Json, browser: websockets.ServerConnection) -> Json | None:
        channel = said.get("channelID", "")
        match said.get("messageType"):
            case "hello":
                uaid = said.get("uaid") or uuid4().hex
                return {"messageType": "hello", "uaid": uaid, "status": 200, "use_webpush": True, "broadcasts": {}}
            case "register":
                self._browsers[channel], self.keys[channel] = browser, said.get("key", "")
                where = f"{self.endpoint_url}/wpush/v2/{channel}"
                return {"messageType": "register", "channelID": channel, "status": 200, "pushEndpoint": where}
            case "unregister":
                self._browsers.pop(channel, None)
                return {"messageType": "unregister", "channelID": channel, "status": 200}
            case "ack":
                self.acknowledged.update({one["version"]: one.get("code", 0) for one in said["updates"]})
            case None:
                return {}  # a ping
        return None

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request of a sender."""
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            channel = head[0].split(" ")[1].rpartition("/")[2]
            status = await self._pass_on(Posted(channel, headers, body))
            writer.write(b"HTTP/1.1 %b\r\nContent-Length: 0\r\nConnection: close\r\n\r\n" % status)
            await writer.drain()
        finally:
            writer.close()

    async def _pass_on(self, posted: Posted) -> bytes:
        self.posted.append(posted)
        browser = self._browsers.get(posted.channel)
        if browser is None:
            return _GONE
        data = base64.urlsafe_b64encode(posted.body).decode().rstrip("=")
        await browser.send(
            json.dumps({
                "messageType": "notification", "channelID": posted.channel, "version": f"v{len(self.posted)}",
                "ttl": int(posted.headers["ttl"]), "data": data,
                "headers": {"encoding": posted.headers["content-encoding"]},
            })
        )  # fmt: skip
        return _CREATED


@asynccontextmanager
async def autopush() -> AsyncIterator[Autopush]:
    """Both servers on free ports."""
    service = Autopush()
    protocol = websockets.Subprotocol("push-notification")
    endpoint = await asyncio.start_server(service.take, "127.0.0.1", 0)
    async with endpoint, websockets.serve(service.talk, "127.0.0.1", 0, subprotocols=[protocol]) as server:
        service.server_url = f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}/"
        service.endpoint_url = f"http://127.0.0.1:{endpoint.sockets[0].getsockname()[1]}"
        yield service
