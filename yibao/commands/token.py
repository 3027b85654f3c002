"""`yibao token`: a token for programs and for trying the API out; whoever can read the desk's key may make one."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from chassis.token import Principal, Signer
from contracts.identity import TITLES
from yibao.asking import fail
from yibao.services import SERVICES
from yibao.settings import StackSettings

_NAMES = [entry.name for entry in SERVICES]


def token(
    service: Annotated[str, typer.Argument(help=f"给哪个服务: {'、'.join(_NAMES)}")],
    account: Annotated[str, typer.Option("--as", help="以谁的名义 (账号)")] = "yibao",
    role: Annotated[str, typer.Option(help=f"身份: {'、'.join(TITLES)}")] = "auditor",
    institution: Annotated[list[str] | None, typer.Option(help="医院账号所属机构编码, 可重复")] = None,
    minutes: Annotated[int, typer.Option(min=1, max=1440, help="有效分钟数")] = 5,
) -> None:
    """签发一个访问令牌 (写在请求头 Authorization: Bearer 之后)。"""
    if service not in _NAMES or role not in TITLES:
        fail(f"没有这个服务或身份: 服务为 {'、'.join(_NAMES)}, 身份为 {'、'.join(TITLES)}", 2)
    who = Principal(account, role, institutions=tuple(institution or ()))
    try:
        signer = Signer(StackSettings().located().desk_key)
    except (OSError, ValueError) as error:
        fail(f"读不到密钥 ({error}): 请在运行服务台的机器上, 用同一个数据目录执行", 2)
    typer.echo(signer.sign(who, service, datetime.now(UTC), minutes * 60))
