"""A real SMTP server over TLS that keeps what it is given, and refuses what a test tells it to."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes
from email.message import Message
from pathlib import Path


class SmtpSink:
    """`mails` are what came; `answers` replaces the answer to a verb, None hangs up instead."""

    def __init__(self) -> None:
        self.mails: list[Message] = []
        self.answers: dict[str, str | None] = {}
        self.port = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._say(writer, "220 sink")
        while line := await reader.readline():
            verb = line.decode().split()[0].upper()
            if verb in self.answers and verb != "DATA":
                answer = self.answers[verb]
            elif verb == "DATA":
                answer = await self._data(reader, writer)
            else:
                answer = {"EHLO": "250-sink\r\n250 AUTH PLAIN", "AUTH": "235 ok", "QUIT": "221 bye"}.get(verb, "250 ok")
            if answer is None or not await self._say(writer, answer) or verb == "QUIT":
                break
        writer.close()

    async def _data(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> str | None:
        await self._say(writer, "354 go on")
        lines: list[bytes] = []
        while (line := await reader.readline()) != b".\r\n":
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        if "DATA" in self.answers:
            return self.answers["DATA"]
        self.mails.append(message_from_bytes(b"".join(lines)))
        return "250 kept"

    @staticmethod
    async def _say(writer: asyncio.StreamWriter, answer: str) -> bool:
        writer.write(f"{answer}\r\n".encode())
        await writer.drain()
        return True


@asynccontextmanager
async def smtp_sink(home: Path) -> AsyncIterator[SmtpSink]:
    """Listening on loopback with the certificate in `home` (see `tests.support.imap.certify`)."""
    sink = SmtpSink()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(home / "cert.pem", home / "key.pem")
    server = await asyncio.start_server(sink.serve, "127.0.0.1", 0, ssl=context)
    sink.port = server.sockets[0].getsockname()[1]
    async with server:
        yield sink
