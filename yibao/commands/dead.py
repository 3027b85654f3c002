"""`yibao dead`: what could not be handled, why, and once more from the start after mending."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.js.api import RawStreamMsg
from nats.js.errors import NotFoundError
from rich.console import Console
from rich.table import Table

from chassis import deadletter
from chassis.broker import NatsOutbox, dial
from chassis.outgoing import Outgoing
from chassis.personal.masking import mask
from yibao.settings import StackSettings

app = typer.Typer(no_args_is_help=True, help="死信: 无法处理的消息, 可查看原因, 修改后重放。")
console = Console()
T = TypeVar("T")
Number = Annotated[int, typer.Argument(help="死信序号, 见 yibao dead list")]


@app.command("list")
def list_(limit: Annotated[int, typer.Option(help="最多显示几条 (最新在前)")] = 50) -> None:
    """列出死信及其原因。"""
    letters = _run(_latest(limit))
    if not letters:
        console.print("没有死信。")
        return
    table = Table("序号", "时间", "次数")
    table.add_column("主题", no_wrap=True)
    table.add_column("原因", overflow="fold")
    for letter in letters:
        h = letter.headers or {}
        when = f"{letter.time:%m-%d %H:%M:%S}" if letter.time else ""
        reason = deadletter.decode(h.get(deadletter.REASON, ""))
        table.add_row(
            str(letter.seq),
            when,
            h.get(deadletter.DELIVERIES),
            h.get(deadletter.SUBJECT),
            reason,
        )
    console.print(table)


@app.command()
def show(
    number: Number, raw: Annotated[bool, typer.Option(help="原样输出 (含个人信息), 供修改后重放")] = False
) -> None:
    """显示一条死信; 个人信息默认遮盖。"""
    letter = _run(_one(number))
    body = letter.data or b""
    if raw:
        typer.echo(body, nl=False)
        return
    for key, value in (letter.headers or {}).items():
        console.print(f"{key}: {mask(deadletter.decode(value))}", markup=False, highlight=False)
    console.print(mask(body.decode("utf-8", errors="replace")), markup=False)


@app.command()
def replay(
    number: Number,
    body: Annotated[
        Path | None, typer.Option(help="改好的消息文件; 缺省按原样重放", exists=True, dir_okay=False)
    ] = None,
) -> None:
    """把一条死信重新发布到它原来的主题。"""
    subject = _run(_replay(number, body.read_bytes() if body else None))
    console.print(f"已重放到 {subject}; 死信 {number} 保留备查。")


@asynccontextmanager
async def _connected() -> AsyncIterator[Client]:
    client = await dial(StackSettings().located(), connect_timeout=2, allow_reconnect=False)
    try:
        yield client
    finally:
        await client.close()


async def _latest(limit: int) -> list[RawStreamMsg]:
    async with _connected() as client:
        js = client.jetstream()
        state = (await js.stream_info("DEAD")).state
        letters: list[RawStreamMsg] = []
        for seq in range(state.last_seq, max(state.first_seq - 1, state.last_seq - limit, 0), -1):
            try:
                letters.append(await js.get_msg("DEAD", seq))
            except NotFoundError:
                continue
        return letters


async def _one(number: int) -> RawStreamMsg:
    async with _connected() as client:
        js = client.jetstream()
        try:
            return await js.get_msg("DEAD", number)
        except NotFoundError:
            raise typer.BadParameter(f"没有死信 {number}: 见 yibao dead list") from None


async def _replay(number: int, mended: bytes | None) -> str:
    letter = await _one(number)
    headers = letter.headers or {}
    subject: str = headers[deadletter.SUBJECT]
    async with _connected() as client:
        # A new id on purpose: the broker must not take the replay for the message that failed.
        body = mended if mended is not None else letter.data or b""
        await NatsOutbox(client).publish([Outgoing(subject, body)])
    return subject


def _run(work: Coroutine[Any, Any, T]) -> T:
    try:
        return asyncio.run(work)
    except (NatsError, OSError):
        typer.secho("连不上 NATS: 请先运行 make up", fg="red", err=True)
        raise typer.Exit(1) from None
