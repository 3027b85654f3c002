"""Accounts from this machine, where nobody has signed in yet, or no administrator can: wishes over the log, as the
console's own are, by whoever may connect as the broker's `ops`.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from getpass import getuser
from typing import Final

from chassis.broker import NatsOutbox, dial
from chassis.commands import CommandBus
from chassis.errors import Refused
from chassis.store import connect
from contracts.envelope import Actor
from contracts.identity import Rights
from services.console.accounts.desk import AccountDesk
from yibao.settings import StackSettings

FIRST: Final = "admin"
_WITHIN_S: Final = 10.0


@asynccontextmanager
async def account_desk(settings: StackSettings) -> AsyncIterator[AccountDesk]:
    """What this machine's user may wish for. Raises NatsError or OSError where the broker is out of reach."""
    client = await dial(settings, connect_timeout=2, allow_reconnect=False)
    try:
        commands = CommandBus(client, NatsOutbox(client), _WITHIN_S)
        await commands.start()
        yield AccountDesk(commands, Actor(kind="staff", id=getuser(), name="命令行"))
    finally:
        await client.close()


async def first_admin(settings: StackSettings) -> str:
    """Opens an administrator's account where there is no account at all; its one-time password, or empty."""
    async with connect(settings.mongo_url) as mongo:
        if await mongo[settings.mongo_db]["accounts"].find_one({}, {"_id": 1}):
            return ""
    async with account_desk(settings) as desk:
        try:
            return await desk.open(FIRST, "管理员", Rights(role="admin"))
        except Refused:  # another `up` was faster
            return ""


async def _told() -> str:
    """What `yibao up` shows after its first start, which asks for it in a process of its own."""
    settings = StackSettings()
    if not (password := await first_admin(settings)):
        return ""
    told = f"首次登录: {settings.url('console')} 账号 {FIRST}, 一次性密码 {password}"
    return f"{told} (72 小时内有效, 登录后须修改)"


if __name__ == "__main__":
    print(asyncio.run(_told()))
