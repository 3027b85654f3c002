"""`yibao doctor`: looks at everything the desk stands on and says what to do about what it finds."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import NamedTuple

import httpx
import typer
from nats.errors import Error as NatsError
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from chassis.broker import dial
from chassis.provision import missing
from chassis.zone import BEIJING
from contracts.topology import DURABLES
from yibao import embedded, reminders
from yibao.preparing import mongo_ready
from yibao.problems import Problem, check_disk
from yibao.services import SERVICES
from yibao.settings import StackSettings

console = Console()


class Found(NamedTuple):
    """What was looked at, and what is to be said about it; only `wrong` makes the exit code 1."""

    what: str
    said: str | None
    wrong: bool = True

    @property
    def result(self) -> str:
        if self.said is None:
            return "[green]正常[/]"
        return "[red]有问题[/]" if self.wrong else "[yellow]提醒[/]"


def doctor() -> None:
    """检查环境: Python, 内置服务器, 磁盘, 密钥, 渠道、通讯录与发送服务文件, 连接, 流与消费者, 各服务是否就绪。

    另外提醒: 放假安排快到期, 有死信。提醒不算有问题; 有问题时退出码为 1。
    """
    found = asyncio.run(_examine(StackSettings().located()))
    table = Table("检查", "结果", "说明", title="医保服务台 · 自检")
    for one in found:
        table.add_row(one.what, one.result, escape(one.said or ""))
    console.print(table)
    if any(one.said and one.wrong for one in found):
        raise typer.Exit(1)


async def _examine(settings: StackSettings) -> list[Found]:
    checks: list[tuple[str, Callable[[], Awaitable[str | None]]]] = [
        ("Python", _python),
        ("内置 nats-server", lambda: _problem(embedded.nats_executable)),
        ("内置 mongod", lambda: _problem(embedded.mongod_executable)),
        ("数据目录与磁盘", lambda: _problem(lambda: check_disk(settings.data_dir))),
        *((what, lambda what=what: _configured(what)) for what in ("密钥", "渠道配置", "通讯录文件")),
        ("发送服务配置", _providers),
        ("NATS 连接, 流与消费者", lambda: _nats(settings)),
        ("MongoDB 连接", lambda: _mongo(settings)),
        ("通知的密钥", lambda: _sealed(settings)),
        *((f"服务 {e.name}", lambda e=e: _service(settings, e.name)) for e in SERVICES),
    ]
    return [
        *[Found(what, await check()) for what, check in checks],
        Found("放假安排", await reminders.holidays(settings, datetime.now(BEIJING).date()), wrong=False),
        Found("死信", await reminders.dead_letters(settings), wrong=False),
    ]


async def _python() -> str | None:
    return None if sys.version_info >= (3, 11) else f"现为 {sys.version.split()[0]}: 需要 Python 3.11 或更新版本"


async def _problem(check: Callable[[], object]) -> str | None:
    try:
        check()
    except Problem as problem:
        return str(problem)
    return None


async def _configured(what: str) -> str | None:
    # Here and not above: it needs much of intake, which every other command would pay for at its start.
    from services.intake.settings import IntakeSettings
    from yibao import configured

    own = IntakeSettings()
    match what:
        case "密钥":
            return configured.key_trouble(own.secret_key.get_secret_value(), own.data_dir)
        case "渠道配置":
            return configured.channels_trouble(own.channels)
    return configured.directory_trouble(own.directory_seed)


async def _providers() -> str | None:
    from services.notify.settings import NotifySettings
    from yibao import providing

    return await providing.providers_trouble(NotifySettings().notify_providers)


async def _sealed(settings: StackSettings) -> str | None:
    from services.notify.settings import NotifySettings
    from yibao import providing

    return await providing.sealed_trouble(settings, NotifySettings())


async def _nats(settings: StackSettings) -> str | None:
    async def quiet(_: Exception) -> None:
        """The client would print a traceback for each of its attempts; the table says it in one line."""

    try:
        client = await dial(
            settings, connect_timeout=1, allow_reconnect=False, max_reconnect_attempts=1, error_cb=quiet
        )
    except (NatsError, OSError, TimeoutError):
        return f"连不上 {embedded.shown(settings.nats_url)}: 请先运行 make up"
    try:
        absent = await missing(client.jetstream(), DURABLES)
    finally:
        await client.close()
    return f"缺少 {', '.join(absent)}: 请运行 yibao provision" if absent else None


async def _mongo(settings: StackSettings) -> str | None:
    try:
        await mongo_ready(settings.mongo_url, within_s=1.0)
    except Problem as problem:
        return str(problem)
    return None


async def _service(settings: StackSettings, name: str) -> str | None:
    try:
        async with httpx.AsyncClient(timeout=3, trust_env=False) as http:
            answer = (await http.get(f"{settings.url(name)}/health/ready")).json()
    except httpx.HTTPError:
        return f"{settings.url(name)} 没有回应: 请先运行 make up, 或看 {settings.data_dir}/logs/{name}.log"
    failing = {k: v for k, v in answer["parts"].items() if v != "ok"}
    return ", ".join(f"{k}: {v}" for k, v in failing.items()) or None
