"""Source tables from elsewhere than an upload: a table of a database by the same rules; files in a watched folder.

Which database is meant is said by a name; its URL stands in the settings, never in a request. Only the columns that the
schema keeps are asked for: what is never kept does not leave the database. `fetch` runs in the process of a run.
"""

import os
import re
import shutil
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import date
from pathlib import Path
from stat import S_ISREG
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any

import msgspec

from services.stats.problem import Problem
from services.stats.sources.table import Table, dictionaries

if TYPE_CHECKING:
    from services.stats.sources.ingest.batch import Batch, Log
    from services.stats.sources.ingest.collecting import Ingested

_NAME = re.compile(r"(?:([A-Za-z_]\w*)\.)?([A-Za-z_]\w*)", re.ASCII)
_KINDS = ("postgres://", "postgresql://", "duckdb://", "sqlite://")
_ROWS = 20_000
_UNFINISHED = (".tmp", ".part", ".crdownload", ".filepart", ".writing")


class Waiting(msgspec.Struct, frozen=True):
    """A file of a watched folder; `mark` changes when its contents do."""

    path: Path
    name: str
    mark: str


def folder(path: Path, seen: Collection[str], settled_before: float) -> list[Waiting]:
    """The files whose mark has not been seen, the oldest first.

    Only those that were last written before `settled_before` (seconds since 1970): others may still be written. Raises
    Problem when the folder cannot be read.
    """
    try:
        files = list(_files(path))
    except OSError:
        raise Problem("监视的文件夹无法读取: 请检查路径与权限") from None
    found = [
        (status.st_mtime, Waiting(entry, entry.name, f"{entry.name}:{status.st_size}:{status.st_mtime_ns}"))
        for entry, status in files
        if not entry.name.startswith((".", "~$")) and not entry.name.lower().endswith(_UNFINISHED)
        if status.st_mtime < settled_before
    ]
    return [waiting for _, waiting in sorted(found, key=lambda f: (f[0], f[1].name)) if waiting.mark not in seen]


def _files(path: Path) -> Iterator[tuple[Path, os.stat_result]]:
    """No links: they may lead anywhere. What is taken away in this moment is no trouble of the folder."""
    for entry in path.iterdir():
        with suppress(FileNotFoundError):
            if not entry.is_symlink() and S_ISREG((status := entry.stat()).st_mode):
                yield entry, status


def named(urls: Mapping[str, str], name: str) -> str:
    """The URL of a database of the settings. Raises Problem."""
    if name not in urls:
        raise Problem(f"没有名为“{name}”的数据源, 已配置: {', '.join(sorted(urls)) or '无'}。请在设置中添加")
    return urls[name]


def fetch(
    connection: str,
    query_table: str,
    table: Table,
    out: Path,
    *,
    key: bytes,
    memory_mb: int,
    progress: Callable[[float], None],
    since: date | None = None,
    until: date | None = None,
    codes: Mapping[str, Mapping[str, str]] | None = None,
) -> "Ingested":
    """Read `query_table` (`name` or `schema.name`) of a database into `out`, as `read` does of a file.

    `connection` is a URL of PostgreSQL, a DuckDB file or SQLite. `since` and `until` bound the column that dates the
    rows, half-open. Rows come sorted by the table's key. Raises Problem; its words never hold the URL.
    """
    from services.stats.sources.ingest.batch import Log
    from services.stats.sources.ingest.collecting import Collector

    log, scratch = Log(), Path(mkdtemp(prefix=".ingest-", dir=out))
    try:
        with _opened(connection, query_table) as source:
            batches = _batches(source, query_table, table, (since, until), log)
            known = dictionaries() if codes is None else codes
            collector = Collector(table, known, out, scratch, key=key, memory_mb=memory_mb, progress=progress)
            return collector.collect(batches, log)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


@contextmanager
def _opened(connection: str, query_table: str) -> Iterator[Any]:
    import ibis

    found = _NAME.fullmatch(query_table)
    if found is None:
        raise Problem("表名只能是字母、数字和下划线, 可以写成 模式.表名: 请检查数据源设置")
    if not connection.startswith(_KINDS):
        raise Problem("数据源的地址须以 postgresql://、duckdb:// 或 sqlite:// 开头: 请检查设置")
    if connection.startswith("duckdb://"):
        connection += ("&" if "?" in connection else "?") + "read_only=True"
    try:
        backend = ibis.connect(connection)
    except Exception:  # each driver has errors of its own, and their words hold the address
        raise Problem("数据源连不上: 请检查设置中的地址、用户、密码和网络") from None
    try:
        yield _table(backend, found[2], found[1], query_table)
    finally:
        backend.disconnect()


def _table(backend: Any, name: str, schema: str | None, query_table: str) -> Any:
    try:
        return backend.table(name, database=schema)
    except Exception:
        raise Problem(f"数据源中没有表 {query_table}, 或没有读它的权限") from None


def _batches(
    source: Any, query_table: str, table: Table, window: tuple[date | None, date | None], log: "Log"
) -> "Iterator[Batch]":
    from services.stats.sources.ingest.columnar import arrow_batches
    from services.stats.sources.ingest.header import find

    there = find(table, [source.columns])
    kept = {c.code: source.columns[there.places[c.code]] for c in table.kept if c.code in there.places}
    rows = _within(source, kept.get(table.dated), window)
    order = [rows[kept[code]] for code in table.key if code in kept]
    rows = rows.order_by(order) if order else rows
    wanted = rows.select(**{code: _readable(rows[name]) for code, name in kept.items()})
    header = find(table, [list(kept)])._replace(below=0, height=0)
    log.opened(query_table, "database", header)
    try:
        total = int(rows.count().execute())
        yield from arrow_batches(query_table, header, wanted.to_pyarrow_batches(chunk_size=_ROWS), total)
    except (Problem, MemoryError):
        raise
    except Exception as error:  # each driver has errors of its own, and their words may hold rows
        if "OutOfMemory" in type(error).__name__:
            raise
        raise Problem(f"读取数据源的表 {query_table} 中途出错: 请检查数据库、网络和权限后重试") from None


def _within(rows: Any, dated: str | None, window: tuple[date | None, date | None]) -> Any:
    since, until = window
    if dated is None:
        return rows
    if since is not None:
        rows = rows.filter(rows[dated] >= since)
    return rows.filter(rows[dated] < until) if until is not None else rows


def _readable(column: Any) -> Any:
    """Numbers with a point and unusual types as text: drivers round what they turn into Arrow."""
    kind = column.type()
    typed = kind.is_integer() or kind.is_floating() or kind.is_boolean() or kind.is_temporal() or kind.is_string()
    if typed and column.get_backend().name != "sqlite":
        return column
    return column.cast("string")
