"""`yibao sla attainment`: the figures that the contract is judged by, and whether the streams give the same ones."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from chassis.errors import Refused
from services.sla.attainment.agreed import Agreed
from services.sla.attainment.asked import Asked, asked, filters_of, moment
from services.sla.attainment.comparing import Difference, differences, other_duties
from services.sla.attainment.duties import Duty
from services.sla.attainment.reading import Source
from services.sla.attainment.recomputing import agreed, recomputed, redone
from services.sla.attainment.report import Report
from services.sla.attainment.row import Row
from services.sla.book import Book
from services.sla.editions import Editions
from yibao.attained import compared, compared_duties, console, show
from yibao.reporting import reported
from yibao.servers import servers
from yibao.settings import StackSettings


def attainment(
    month: Annotated[str, typer.Option(help="月份, 例如 2026-11")],
    until: Annotated[str | None, typer.Option(help="到哪个月份 (含); 缺省只看一个月")] = None,
    as_of: Annotated[str | None, typer.Option(help="截至时刻, 例如 2026-12-01T00:00:00+08:00; 缺省为现在")] = None,
    only: Annotated[list[str], typer.Option(help="筛选, 例如 contract=ht-2026-01, 可多次给出")] = [],  # noqa: B006
    recompute: Annotated[bool, typer.Option("--recompute", help="从事件流逐条重算并比对; 不一致时退出码为 1")] = False,
    xlsx: Annotated[Path | None, typer.Option(help="另存为工作簿", dir_okay=False, writable=True)] = None,
    pdf: Annotated[Path | None, typer.Option(help="另存为 PDF", dir_okay=False, writable=True)] = None,
) -> None:
    """验收依据: 各条款、机构、类别、工程师的时限达成情况。"""
    try:
        wish = asked(month, until, moment(as_of, datetime.now(UTC)), filters_of(only))
        _check_folders(xlsx, pdf)
        with reported(console) as progress:
            read = asyncio.run(_read(wish, recompute, lambda n: progress("从事件流重算", n)))
    except (ValueError, LookupError, Refused) as error:
        typer.secho(str(error), fg="red", err=True)
        raise typer.Exit(2) from None
    show(read.report)
    try:
        _save(read, xlsx, pdf)
    except OSError as error:
        typer.secho(f"{error.filename} 存不下来: {error.strerror}", fg="red", err=True)
        raise typer.Exit(2) from None
    if read.again is None:
        return
    compared(read.differences, read.rows, read.report)
    compared_duties(read.duties, len(read.due))
    raise typer.Exit(1 if read.differences or read.duties else 0)


class Read(NamedTuple):
    """What is stored; with `again`, what the streams tell."""

    report: Report
    rows: Sequence[Row]
    due: Sequence[Duty]
    name: Callable[[str | None], str]
    again: Sequence[Row] | None = None
    differences: Sequence[Difference] = ()
    duties: Sequence[Duty] = ()


async def _read(wish: Asked, recompute: bool, progress: Callable[[int], None]) -> Read:
    async with servers(StackSettings().located()) as (js, db):
        if not (editions := await Editions(db).after(0)):
            raise LookupError("还没有时限政策的记录: 请先运行 make up")
        book, known = Book(editions), await agreed(js)
        source = Source(db, known, lambda: book)
        read = await _stored(source, wish, known)
        if not recompute:
            return read
        again, redo = await recomputed(js, wish, book, progress), await redone(js, wish)
        if differences(read.rows, again) or other_duties(read.due, redo):
            # What was on its way while the stream was read has arrived by now.
            read = await _stored(source, wish, known)
        found = differences(read.rows, again)
        return read._replace(again=again, differences=found, duties=other_duties(read.due, redo))


async def _stored(source: Source, wish: Asked, known: Agreed) -> Read:
    reading = await source.ask(wish)
    rows = await reading.all()
    return Read(reading.summed(rows), rows, reading.duties, known.name)


def _check_folders(*paths: Path | None) -> None:
    """Before all the work. Raises ValueError."""
    for path in filter(None, paths):
        if not path.absolute().parent.is_dir():
            raise ValueError(f"没有文件夹 {path.parent}: 请先建立, 或改用别的路径")


def _save(read: Read, xlsx: Path | None, pdf: Path | None) -> None:
    if xlsx is not None:
        from services.sla.attainment.workbook import workbook  # each library only for who wants the file

        xlsx.write_bytes(workbook(read.report, read.rows, read.due, read.name))
    if pdf is not None:
        from services.sla.attainment.printed import printed

        pdf.write_bytes(printed(read.report))
