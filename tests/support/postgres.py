"""A PostgreSQL of its own for a test: initialised in a temporary folder, on a free loopback port, ended by its id.

`with postgres() as url:` starts one where the machine has the server (Debian keeps it out of the PATH), and skips the
test with a reason where it has not.
"""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

_DEBIAN = "/usr/lib/postgresql"


def found() -> Path | None:
    """The folder of `initdb` and `postgres`, the newest first, or None."""
    versions = sorted(Path(_DEBIAN).glob("*/bin/postgres"), key=lambda p: int(p.parts[-3]), reverse=True)
    in_path = shutil.which("postgres")
    return versions[0].parent if versions else Path(in_path).resolve().parent if in_path else None


@contextmanager
def postgres() -> Iterator[str]:
    """The URL of a running empty server, `postgresql://yibao@127.0.0.1:<port>/postgres`. It trusts whoever connects."""
    programs = found()
    if programs is None:
        pytest.skip("no PostgreSQL server on this machine (apt-get install postgresql)")
    with tempfile.TemporaryDirectory(prefix="pg", ignore_cleanup_errors=True) as folder:
        home, user = Path(folder), _user()
        if user is not None:
            shutil.chown(home, user)
        _prepare(programs, home / "data", user)
        port = _free_port()
        with (home / "log").open("wb") as log:
            server = subprocess.Popen(
                [programs / "postgres", "-D", home / "data", "-p", str(port), "-k", "", "-h", "127.0.0.1", *_QUICK],
                stdout=log, stderr=log, user=user, cwd=home, env=_ENVIRONMENT,
            )  # fmt: skip
        try:
            _until_ready(home / "log", server)
            yield f"postgresql://yibao@127.0.0.1:{port}/postgres"
        finally:
            server.send_signal(2)  # "fast": does not wait for its clients
            server.wait(30)


_QUICK = ("-c", "fsync=off", "-c", "shared_buffers=16MB", "-c", "max_connections=20")  # it lives for one test only
_ENVIRONMENT = {"LC_ALL": "C.UTF-8", "PATH": os.environ.get("PATH", "")}


def _user() -> str | None:
    """Whom the server runs as: it refuses to be root. None: whoever we are."""
    if os.geteuid() != 0:
        return None
    users = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in users else "nobody"


def _prepare(programs: Path, data: Path, user: str | None) -> None:
    subprocess.run(
        [programs / "initdb", "-D", data, "-U", "yibao", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N"],
        check=True, capture_output=True, user=user, cwd=data.parent, env=_ENVIRONMENT,
    )  # fmt: skip


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _until_ready(log: Path, server: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 30
    while b"ready to accept connections" not in log.read_bytes():
        if server.poll() is not None or time.monotonic() > deadline:
            raise AssertionError(f"PostgreSQL did not start: {log.read_text(errors='replace')[-500:]}")
        time.sleep(0.05)
