"""One upload to one data set: `read`. Runs in the process of a run, whose memory has a bound."""

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import mkdtemp

from services.stats.sources.ingest.batch import Log
from services.stats.sources.ingest.collecting import REJECTS, Collector, Ingested
from services.stats.sources.ingest.given import check, filled
from services.stats.sources.ingest.opening import Opener
from services.stats.sources.table import Table, dictionaries

__all__ = ["REJECTS", "Ingested", "read"]


def read(
    source: Path,
    name: str,
    table: Table,
    out: Path,
    *,
    key: bytes,
    memory_mb: int,
    progress: Callable[[float], None],
    headerless: bool = False,
    layout: str = "",
    given: Mapping[str, str] | None = None,
    codes: Mapping[str, Mapping[str, str]] | None = None,
    empty: bool = False,
) -> Ingested:
    """Read `source` (uploaded as `name`) into `out/<sha256>.parquet` and `out/rejects.csv`.

    The Parquet has the table's kept columns, sorted as in the file; the same rows give the same bytes. `key` is the
    secret of the pseudonyms. `headerless` is the national TXT: tabs, no header, fields in the order of the schema,
    or of one of its `layouts`. `given` are cells of columns that the file lacks, the same in every row.
    `codes` are the code tables, those of the repository by default. `progress` hears shares of the work.

    With `empty` a file of nothing but a header is a data set without rows.

    Raises Problem for a file that cannot be used, and then leaves nothing behind.
    """
    log = Log()
    scratch = Path(mkdtemp(prefix=".ingest-", dir=out))
    try:
        batches = Opener(table, scratch, log, memory_mb, headerless, layout).batches(source, name)
        check(table, layout, given or {})
        known = dictionaries() if codes is None else codes
        collector = Collector(table, known, out, scratch, key=key, memory_mb=memory_mb, progress=progress, empty=empty)
        return collector.collect(filled(batches, given or {}), log)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
