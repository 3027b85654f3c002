"""`yibao account`: accounts, for the first sign-ins and for when no administrator can get in."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer
from nats.errors import Error as NatsError
from pydantic import ValidationError

from chassis.errors import Refused
from contracts.identity import TITLES, Rights
from yibao.asking import fail
from yibao.keeping import account_desk
from yibao.settings import StackSettings

if TYPE_CHECKING:
    from services.console.accounts.desk import AccountDesk

app = typer.Typer(no_args_is_help=True, help="账户: 新建, 重置密码, 停用与启用 (平时请在控制台的管理页操作)。")
T = TypeVar("T")
Name = Annotated[str, typer.Argument(help="账号: 小写字母、数字、点、横线")]


@app.command()
def add(
    account: Name,
    name: Annotated[str, typer.Option(help="姓名")],
    role: Annotated[str, typer.Option(help=f"身份: {'、'.join(f'{role} {title}' for role, title in TITLES.items())}")],
    institution: Annotated[list[str] | None, typer.Option(help="医院账户所属机构编码, 可重复")] = None,
    district: Annotated[list[str] | None, typer.Option(help="中心经办所管医保区划, 可重复; 缺省为全部")] = None,
    office: Annotated[bool, typer.Option("--office", help="不设密码, 只从统一身份认证登录")] = False,
) -> None:
    """新建账户, 显示一次性密码。"""
    facts = {"role": role, "institutions": institution or (), "districts": district or ()}
    made = _run(lambda desk: desk.open(account, name, Rights.model_validate(facts), password=not office))
    _told(account, made)


@app.command("reset-password")
def reset_password(account: Name) -> None:
    """重置密码, 显示一次性密码; 已有登录全部退出。"""
    _told(account, _run(lambda desk: desk.reset_password(account)))


@app.command("remove-factor")
def remove_factor(account: Name) -> None:
    """取消动态口令 (手机丢失, 恢复码也没有时)。"""
    _run(lambda desk: desk.remove_factor(account))
    typer.echo(f"账户 {account} 已取消动态口令: 请提醒本人重新设置。")


@app.command()
def disable(account: Name, reason: Annotated[str, typer.Option(help="原因")] = "") -> None:
    """停用账户, 立即退出所有登录。"""
    _run(lambda desk: desk.disable(account, reason))
    typer.echo(f"账户 {account} 已停用。")


@app.command()
def enable(account: Name) -> None:
    """重新启用账户。"""
    _run(lambda desk: desk.enable(account))
    typer.echo(f"账户 {account} 已启用。")


def _told(account: str, password: str) -> None:
    if password:
        typer.echo(f"账户 {account} 的一次性密码 (72 小时内有效, 登录后须修改, 只显示这一次): {password}")
    else:
        typer.echo(f"账户 {account} 已新建, 从统一身份认证登录。")


def _run(work: Callable[["AccountDesk"], Awaitable[T]]) -> T:
    async def carried_out() -> T:
        async with account_desk(StackSettings().located()) as desk:
            return await work(desk)

    try:
        return asyncio.run(carried_out())
    except ValidationError as error:
        fields = "、".join(sorted({".".join(map(str, e["loc"])) for e in error.errors(include_input=False)}))
        fail(f"内容不合要求, 请检查: {fields} (身份见 yibao account add --help)", 2)
    except Refused as error:
        fail(str(error), 1)
    except (NatsError, OSError):
        fail("连不上 NATS: 请先运行 make up", 2)
