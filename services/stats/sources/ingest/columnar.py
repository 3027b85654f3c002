"""Parquet to batches: values of other types are written as text and read by the same rules as everything else."""

from collections.abc import Iterator
from math import isnan
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from services.stats.problem import Problem
from services.stats.sources.ingest.batch import Batch, Log
from services.stats.sources.ingest.header import Header, find
from services.stats.sources.ingest.numbers import written
from services.stats.sources.table import Table

_ROWS = 32_768
LOCAL = "Asia/Shanghai"


def read_parquet(path: Path, name: str, table: Table, log: Log) -> Iterator[Batch]:
    """The batches of a Parquet file. Raises Problem."""
    try:
        with pq.ParquetFile(path) as source:
            header = find(table, [source.schema_arrow.names])
            log.opened(name, "parquet", header._replace(below=0, height=0))
            groups = source.iter_batches(_ROWS, use_threads=False)
            yield from arrow_batches(name, header, groups, source.metadata.num_rows)
    except (pa.ArrowException, OSError):
        raise Problem(f"{name}: Parquet 文件已损坏: 请重新导出") from None


def arrow_batches(name: str, header: Header, groups: Iterator[Any], total: int) -> Iterator[Batch]:
    """The batches of a stream of Arrow record batches with `total` rows; 0 when nobody knows."""
    read = 0
    needed = sorted({*header.places.values(), *header.first})
    for group in groups:
        texts = {i: as_text(group.column(i), group.schema.names[i]) for i in needed}
        lines = np.arange(read + 1, read + 1 + group.num_rows)
        read += group.num_rows
        cells = {code: texts[i] for code, i in header.places.items()}
        yield Batch(name, lines, cells, [texts[i] for i in header.first], [], min(read / total, 1.0) if total else 0.5)


def as_text(column: Any, name: str) -> Any:
    """An array as the text that a CSV would have; "" for nulls. Raises Problem for what is no plain value."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return as_text(column.cast(kind.value_type), name)
    if pa.types.is_timestamp(kind):
        column = _moments(column)
    elif pa.types.is_floating(kind):
        column = pa.array([None if v is None or isnan(v) else written(v) for v in column.to_pylist()], pa.string())
    elif pa.types.is_boolean(kind):
        column = pc.if_else(column, "TRUE", "FALSE")
    elif pa.types.is_decimal(kind):
        column = pa.array([None if v is None else f"{v:f}" for v in column.to_pylist()], pa.string())
    elif pa.types.is_nested(kind):
        raise Problem(f"列 {name} 是嵌套类型 ({kind}), 不能读取: 请展开后重新导出")
    try:
        return pc.fill_null(column.cast(pa.string()), "")
    except pa.ArrowInvalid:
        raise Problem(f"列 {name} 不是文本、数字或日期 ({kind}): 请转换后重新导出") from None


def _moments(column: Any) -> Any:
    if column.type.tz is not None:
        column = pc.local_timestamp(column.cast(pa.timestamp("us", LOCAL), safe=False))
    text = column.cast(pa.timestamp("us"), safe=False).cast(pa.string())
    return pc.replace_substring_regex(text, r"\.?0*$", "") if _fractions(text) else pc.utf8_slice_codeunits(text, 0, 19)


def _fractions(text: Any) -> bool:
    return not pc.all(pc.ends_with(pc.fill_null(text, ".000000"), ".000000")).as_py()
