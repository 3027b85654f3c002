"""A desk with its console, an account of every role, and sessions signed in by the form as a person would.

`python -m tests.support.console` runs one until Ctrl-C and prints its address, for looking at pages while they change.
"""

import asyncio
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple
from uuid import uuid4

import httpx
from pymongo.asynchronous.collection import AsyncCollection

from chassis.broker import NatsOutbox
from chassis.outgoing import from_command
from contracts.envelope import SYSTEM
from contracts.identity import OpenAccount, Rights, Role
from services.console.accounts.passwords import hashed
from tests.support.desk import Desk, desk_in
from tests.support.traces import Json
from tests.support.wait import until
from yibao.settings import StackSettings

PASSWORD: Final = "ceshi-mima-2026"
OURS, OTHERS = "H62010200001", "H62010200002"
ALL: Final = ("intake", "sla", "stats", "notify", "knowledge", "console")


class Person(NamedTuple):
    account: str
    name: str
    role: Role
    institutions: tuple[str, ...] = ()
    districts: tuple[str, ...] = ()


PEOPLE: Final = {
    person.account: person
    for person in (
        Person("wang.fang", "王芳", "engineer"),
        Person("zhao.lei", "赵磊", "lead"),
        Person("chen.jing", "陈静", "officer"),
        Person("yiyuan.one", "第一医院医保办", "hospital", (OURS,)),
        Person("yiyuan.two", "第二医院医保办", "hospital", (OTHERS,)),
        Person("sun.shen", "孙审", "auditor"),
        Person("zhou.yun", "周运", "ops"),
        Person("admin", "管理员", "admin"),
    )
}
BY_ROLE: Final[Mapping[Role, str]] = {person.role: account for account, person in reversed(PEOPLE.items())}


@asynccontextmanager
async def console_in(directory: Path, *services: str, **environment: str) -> AsyncIterator[Desk]:
    """All services (or those named, and the console) up, with everybody of `PEOPLE`."""
    async with desk_in(directory, *(services or ALL), **environment) as desk:
        await open_accounts(desk.outbox, desk.mongo[desk.settings.mongo_db]["accounts"])
        yield desk


async def open_accounts(outbox: NatsOutbox, accounts: AsyncCollection[Json]) -> None:
    """Returns when all can sign in with `PASSWORD`."""
    password = await hashed(PASSWORD)
    now = datetime.now(UTC)
    await outbox.publish([
        from_command(OpenAccount(
            id=uuid4(), occurred_at=now, actor=SYSTEM, account=who.account, name=who.name, password=password,
            rights=Rights(role=who.role, institutions=who.institutions, districts=who.districts),
        ))
        for who in PEOPLE.values()
    ])  # fmt: skip

    async def all_there() -> bool:
        return await accounts.count_documents({"_id": {"$exists": True}}) >= len(PEOPLE)

    await until("the accounts are open", all_there)


@asynccontextmanager
async def signed_in(
    settings: StackSettings, account: str, password: str = PASSWORD
) -> AsyncIterator[httpx.AsyncClient]:
    """His own client, past the form; `x-csrftoken` is sent with everything."""
    base = settings.url("console")
    async with httpx.AsyncClient(base_url=base, timeout=20, trust_env=False, headers={"Accept": "text/html"}) as http:
        (await http.get("/sign-in")).raise_for_status()
        http.headers["x-csrftoken"] = http.cookies["csrftoken"]
        answer = await http.post("/sign-in", data={"account": account, "password": password})
        assert answer.status_code == 303, answer.text[-2_000:]
        yield http


async def cookies_of(settings: StackSettings, account: str, password: str = PASSWORD) -> dict[str, str]:
    """The session of somebody who has signed in, for a browser."""
    async with signed_in(settings, account, password) as http:
        return dict(http.cookies)


async def _look() -> None:
    with TemporaryDirectory(prefix="yibao-console-") as directory:
        async with console_in(Path(directory)) as desk:
            print(f"{desk.settings.url('console')}  {PASSWORD}  {' '.join(PEOPLE)}", file=sys.stderr)
            await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_look())
