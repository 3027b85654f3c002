"""`yibao demo`: a day at the desk in half a minute, or a file of real messages, against the running stack."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer
from nats.errors import Error as NatsError
from rich.console import Console

from yibao.demo import day
from yibao.demo.account import account
from yibao.demo.desk import Desk, NotSeen, seen, together
from yibao.demo.file import play_file
from yibao.demo.people import PEOPLE, seed
from yibao.demo.play import Player
from yibao.demo.summary import show
from yibao.demo.summary_file import show_file
from yibao.demo.view import view
from yibao.demo.wire import wire
from yibao.problems import Problem
from yibao.services import SERVICES
from yibao.settings import StackSettings
from yibao.stack import running_stack

Json = dict[str, Any]


def demo(
    file: Annotated[
        Path | None,
        typer.Option(
            help="改为播放一个消息文件 (每行一个 JSON: id, user, title, question, reply …)", exists=True, dir_okay=False
        ),
    ] = None,
    resolve: Annotated[int, typer.Option(help="与 --file 合用: 用文件中的回复解决前几件工单", min=0)] = 0,
    pace: Annotated[float, typer.Option(help="两条消息之间的秒数", min=0)] = 0.3,
    json_output: Annotated[bool, typer.Option("--json", help="只在标准输出打印一个 JSON 账目")] = False,
) -> None:
    """演示一天的工作: 通讯录与值班, 六个渠道来信, 群体故障, 上报与需求, 预警与超时, 检索, 报表, 最后逐条对账。

    退出码: 0 全部对上; 1 有消息下落不明、个人信息未遮盖或别的检查未通过; 2 服务台起不来。
    """
    try:
        code = asyncio.run(_demo(file, resolve, pace, json_output))
    except Problem as problem:
        typer.secho(str(problem), fg="red", err=True)
        code = 2
    raise typer.Exit(code)


async def _demo(file: Path | None, resolve: int, pace_s: float, json_output: bool) -> int:
    settings = StackSettings().located()
    console = Console(stderr=json_output)
    async with _stack(settings, console), Desk(settings) as desk:
        if not file and (absent := await _not_ready(desk)):
            console.print(f"服务 {', '.join(absent)} 没有就绪: 请稍后再试, 或运行 yibao doctor 查看原因", style="red")
            return 2
        password = await seed(settings)
        play = day.Play.starting(day.now())
        started = time.monotonic()
        try:
            async with wire(settings, play.id) as channels:
                if file:
                    result = await play_file(desk, channels, file, day.now(), resolve, console)
                else:
                    with view(console) as shown:
                        player = Player(desk, channels, shown, play, pace_s)
                        played = await player.play(day.steps(), settings.data_dir / "demo")
                    result = await account(desk, channels, played)
        except (NotSeen, httpx.HTTPError, NatsError, OSError) as error:
            console.print(f"演示中断: {str(error) or type(error).__name__}", style="red", markup=False)
            return 1
        result["seconds"] = round(time.monotonic() - started, 1)
    if json_output:
        print(json.dumps(result, ensure_ascii=False, indent=2))
    elif file:
        show_file(console, result)
    else:
        show(console, result)
    names = "、".join(f"{account} {name}" for account, (name, _) in PEOPLE.items())
    console.print(
        f"登录 {settings.url('console')} 试用, 密码都是 {password}\n账号: {names}", markup=False, soft_wrap=True
    )
    return 0 if result["ok"] else 1


async def _not_ready(desk: Desk) -> list[str]:
    """The services that are not ready; one that has just started gets a few seconds to build its index."""
    names = [entry.name for entry in SERVICES]

    async def all_ready() -> bool | None:
        return all(await together(desk.ready, names)) or None

    with suppress(NotSeen):
        await seen(all_ready, "所有服务就绪", within_s=10.0)
    return [name for name, ready in zip(names, await together(desk.ready, names), strict=True) if not ready]


@asynccontextmanager
async def _stack(settings: StackSettings, console: Console) -> AsyncIterator[None]:
    """The running stack, or one of the demo's own when none answers. Raises Problem when that cannot start."""
    async with Desk(settings) as desk:
        runs = await desk.ready("intake")
    if runs:
        yield
        return
    console.print("服务台没有在运行, 先启动一套 …")
    async with running_stack(StackSettings(), console.out):
        yield
