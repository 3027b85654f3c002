"""An SMTP server without TLS, for loopback alone: it keeps connections, and goes wrong at the step it is told."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from tests.support.smtp import SmtpSink


class MailServer(SmtpSink):
    """As `SmtpSink`; `connections` counts who came, `hang_up` closes those that are there."""

    def __init__(self) -> None:
        super().__init__()
        self.connections = 0
        self._writers: set[asyncio.StreamWriter] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._writers.add(writer)
        with suppress(ConnectionError):
            await super().serve(reader, writer)
        self._writers.discard(writer)

    def hang_up(self) -> None:
        for writer in self._writers:
            writer.transport.abort()


@asynccontextmanager
async def mail_server() -> AsyncIterator[MailServer]:
    """Listening on loopback."""
    server = MailServer()
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0, limit=2**24)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()
        server.hang_up()
