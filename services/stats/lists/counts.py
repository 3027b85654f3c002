"""The newest counts of each institution and month of settlement, out of data sets of setl_list_upload.

For the process that reads an upload: DuckDB is loaded when it is called.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

TABLE: Final = "setl_list_upload"
_SQL: Final = """
SELECT fixmedins_code, setl_month, CAST(stt_date AS VARCHAR), upld_cnt, need_upld_cnt
FROM read_parquet($files, union_by_name = true, filename = true)
QUALIFY ROW_NUMBER() OVER (
    PARTITION BY fixmedins_code, setl_month ORDER BY stt_date DESC, list_position($files, filename) DESC, upld_cnt DESC
) = 1
ORDER BY fixmedins_code, setl_month
"""


class Count(msgspec.Struct, frozen=True):
    """Of `month` (`2026-10`) the institution had uploaded `done` of `of` lists by the end of the day `as_of`."""

    institution: str
    month: str
    as_of: str
    done: int
    of: int


def counts(files: Sequence[Path]) -> tuple[Count, ...]:
    """Of all data sets of the table, in the order in which they were registered: of the same day the later one counts.

    An older data set that is registered late changes nothing, as long as the newer ones are given, too.
    """
    import duckdb

    if not files:
        return ()
    with duckdb.connect(config={"threads": 2}) as base:
        found = base.execute(_SQL, {"files": [str(file) for file in files]}).fetchall()
    return tuple(Count(*row) for row in found)
