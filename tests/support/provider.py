"""A channel vendor's HTTP interface on loopback, which answers as it is told to: well, badly, late or never."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

Json = dict[str, Any]


class Asked(NamedTuple):
    """One request as it came; `body` is its JSON, `raw` its bytes."""

    path: str
    headers: dict[str, str]
    body: Json
    raw: bytes


class Answer(NamedTuple):
    status: int = 200
    body: object = None
    headers: dict[str, str] = {}  # noqa: RUF012


OK = Answer(200, {"errcode": 0, "errmsg": "ok", "invaliduser": ""})
TOKEN = {"errcode": 0, "errmsg": "ok", "access_token": "token-1", "expires_in": 7200}
SILENCE = None
"""No answer until the test is over."""


class Provider:
    """`answers` are given to the texts that they are for, in order; every other request goes well."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.answers: dict[str, list[Answer | None]] = {}
        self.tokens = 0
        self.over = threading.Event()
        self._lock = threading.Lock()

    def about(self, text: str) -> list[Asked]:
        """The requests that carry this text."""
        with self._lock:
            return [a for a in self.asked if text in json.dumps(a.body, ensure_ascii=False)]

    def answer(self, asked: Asked) -> Answer | None:
        with self._lock:
            if "gettoken" in asked.path:
                self.tokens += 1
                return Answer(200, {**TOKEN, "access_token": f"token-{self.tokens}"})
            self.asked.append(asked)
            said = json.dumps(asked.body, ensure_ascii=False)
            waiting = next((rest for text, rest in self.answers.items() if text in said and rest), None)
            return waiting.pop(0) if waiting else OK


@contextmanager
def providing() -> Iterator[tuple[Provider, str]]:
    """The provider and its URL, until the end."""
    provider = Provider()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            asked = Asked(self.path, dict(self.headers), json.loads(raw) if raw else {}, raw)
            if (answer := provider.answer(asked)) is None:
                provider.over.wait(60)
                self.close_connection = True
                return
            body = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
            self.send_response(answer.status)
            for name, value in {**answer.headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET

        def log_message(self, format: str, *args: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield provider, f"http://127.0.0.1:{server.server_port}"
    finally:
        provider.over.set()
        server.shutdown()
        server.server_close()
        thread.join()
