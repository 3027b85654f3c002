"""What a file does not say and whoever uploads it does: which layout it has, cells that are the same in every row."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from services.stats.problem import Problem
from services.stats.sources.table import Table

if TYPE_CHECKING:
    from services.stats.sources.ingest.batch import Batch


def check(table: Table, layout: str, given: Mapping[str, str]) -> None:
    """Raises Problem for a layout or columns that the table does not have, and for what the layout needs to be told."""
    if layout and layout not in table.layouts:
        known = "、".join(table.layouts) or "无"
        raise Problem(f"数据表 {table.name} 没有这种版式: 可用的版式 (layout) 是 {known}")
    if unknown := [code for code in given if code not in table.by_code or table.by_code[code].personal]:
        raise Problem(f"有 {len(unknown)} 个补充的列 (given) 不在数据表 {table.name} 中, 或是个人信息: 请核对列名")
    needed = table.layouts[layout].given if layout else ()
    if missing := [table.by_code[code].label for code in needed if not given.get(code, "").strip()]:
        raise Problem(f"这种文件里没有 {'、'.join(missing)}: 请在 given 中补充")


def filled(batches: Iterator["Batch"], given: Mapping[str, str]) -> Iterator["Batch"]:
    """The batches with the given cells in every row. Raises Problem where the file has such a column itself."""
    import pyarrow as pa

    for batch in batches:
        if both := sorted(batch.cells.keys() & given.keys()):
            raise Problem(f"文件中已有列 {'、'.join(both)}: 请不要在 given 中再补充")
        rows = len(batch.lines)
        constant = {code: pa.repeat(pa.scalar(value, pa.string()), rows) for code, value in given.items()}
        yield batch._replace(cells={**batch.cells, **constant})
