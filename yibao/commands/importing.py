"""`yibao import`: a sheet of messages that were written down elsewhere, through intake's own door."""

from pathlib import Path
from typing import Annotated, Any

import typer

from yibao.asking import answer, asking

_SHOWN = 20


def import_(
    file: Annotated[Path, typer.Argument(help="xlsx 或 CSV 文件", exists=True, dir_okay=False, readable=True)],
    channel: Annotated[str | None, typer.Option(help="没有“渠道”列的行属于哪个渠道")] = None,
    staff: Annotated[str, typer.Option(help="谁在导入")] = "",
    rejects: Annotated[Path | None, typer.Option(help="未导入的行写到哪里; 缺省在原文件旁边")] = None,
) -> None:
    """从 xlsx 或 CSV 批量导入消息; 同一文件可重复导入, 不会重复建单。"""
    with asking("intake", staff, within_s=120) as http:
        form = {"channel": channel} if channel else {}
        files = {"file": (file.name, file.read_bytes())}
        done: dict[str, Any] = answer(http.post("/channels/import", data=form, files=files))
        typer.echo(f"共 {done['rows']} 行: 导入 {done['accepted']} 行, 未导入 {done['rejected']} 行")
        if done["ignored_columns"]:
            typer.echo(f"没有用到的列: {', '.join(done['ignored_columns'])}")
        if done["rejected"]:
            target = rejects or file.with_name(f"{file.stem}.未导入.csv")
            target.write_bytes(http.get(done["rejects_url"]).raise_for_status().content)
            _explain(done["problems"], target)


def _explain(problems: list[dict[str, Any]], target: Path) -> None:
    for problem in problems[:_SHOWN]:
        typer.echo(f"  第 {problem['row']} 行: {problem['reason']}")
    typer.secho(f"未导入的行在 {target}: 改好后再导入这个文件即可", fg="yellow")
    raise typer.Exit(1)
