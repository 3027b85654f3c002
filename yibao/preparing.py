"""Before the services: both servers answer, and have the streams, durables and indexes that the code wants.

`python -m yibao.preparing [port of the embedded mongod]` does it in a process that ends; all else is in its settings.
"""

import asyncio
import sys

from nats.errors import Error as NatsError
from pymongo import AsyncMongoClient
from pymongo.errors import OperationFailure, PyMongoError

from chassis.broker import dial
from chassis.provision import provision as provision_streams
from yibao.embedded import shown
from yibao.problems import Problem
from yibao.services import SERVICES
from yibao.settings import StackSettings

_NOT_INITIALISED = 94


async def prepare(settings: StackSettings, embedded_port: int | None) -> None:
    """Raises Problem where a server does not answer."""
    await nats_ready(settings)
    await mongo_ready(settings.mongo_url, embedded_port)
    await provision(settings)


async def provision(settings: StackSettings) -> list[str]:
    """Streams, durables and indexes as the code says; safe at any time. Returns a line for each."""
    client = await dial(settings, connect_timeout=5, max_reconnect_attempts=3)
    try:
        done = await provision_streams(client.jetstream(timeout=10))
    finally:
        await client.close()
    mongo: AsyncMongoClient[dict[str, object]] = AsyncMongoClient(settings.mongo_url, serverSelectionTimeoutMS=5_000)
    try:
        for entry in SERVICES:
            for collection, indexes in entry.indexes().items():
                names = await mongo[settings.mongo_db][collection].create_indexes(indexes) if indexes else []
                done.extend(f"index {collection}.{name}" for name in names)
    finally:
        await mongo.close()
    return done


async def nats_ready(settings: StackSettings, within_s: float = 10.0) -> None:
    """Returns when the server answers these settings. Raises Problem when it does not."""

    async def quiet(_: Exception) -> None: ...

    deadline = asyncio.get_running_loop().time() + within_s
    while True:
        try:
            # Also without reconnecting it pauses after a refused first attempt, by default for two seconds.
            client = await dial(
                settings, connect_timeout=1, reconnect_time_wait=0.05, allow_reconnect=False, error_cb=quiet
            )
            try:
                await client.jetstream().account_info()
            finally:
                await client.close()
            return
        except (NatsError, OSError, TimeoutError):
            if asyncio.get_running_loop().time() > deadline:
                where = shown(settings.nats_url)
                raise Problem(f"连不上 NATS ({where}): 请检查地址与用户, 或看数据目录下的 logs/nats.log") from None
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


if __name__ == "__main__":
    try:
        asyncio.run(prepare(StackSettings(), int(sys.argv[1]) if sys.argv[1:] else None))
    except Problem as problem:
        raise SystemExit(str(problem)) from None
