"""The SQL of a report, executed by Ibis on DuckDB; Ibis carries the same SQL to a larger engine later.

Only the report's own process imports this module: Ibis and DuckDB take 90 MB before the first row.
"""

from datetime import datetime
from pathlib import Path
from typing import Any

import ibis
import msgspec

from services.stats.definition import Definition

_CSV = {"text": "VARCHAR", "code": "VARCHAR", "amount": "DECIMAL(18,2)", "datetime": "TIMESTAMP"}
_OUT = {"text": "string", "code": "string", "amount": "decimal(38, 2)", "count": "int64"}


class Answer(msgspec.Struct):
    """`rows` are the groups, `total` the line below them; `since` and `until` the first and last date counted."""

    rows: list[dict[str, Any]]
    total: dict[str, Any]
    since: datetime | None
    until: datetime | None
    checks: dict[str, int]


def answer(definition: Definition, accepted: Path, scratch: Path, memory_mb: int) -> Answer:
    """What the report says about the rows in `accepted`."""
    connection = _connect(scratch, memory_mb)
    columns = {c.code: _CSV[c.type] for c in definition.kept}
    table = connection.read_csv(
        str(accepted), table_name="settlements", header=True, columns=columns, auto_detect=False, delim=",", quote='"',
        escape='"', nullstr="",
    )  # fmt: skip
    lines = _query(
        connection, definition.sql, {o.code: _OUT[o.kind] for o in definition.outputs} | {"is_total": "int64"}
    )
    dates = table[definition.date_column]
    [period] = table.aggregate(since=dates.min(), until=dates.max()).to_pyarrow().to_pylist()
    checks = {c.name: _number(connection, c.sql) for c in definition.checks}
    [total] = [line for line in lines if line["is_total"]]
    keys = [o.code for o in definition.outputs if o.kind in ("text", "code")]
    rows = sorted((line for line in lines if not line["is_total"]), key=lambda line: [line[key] for key in keys])
    return Answer(rows, total, period["since"], period["until"], checks)


def _connect(scratch: Path, memory_mb: int) -> Any:
    # An isolated network has no extension server to ask; spilled rows belong beside the run, not in /tmp.
    return ibis.duckdb.connect(
        threads=2, memory_limit=f"{memory_mb // 2}MB", temp_directory=str(scratch), autoinstall_known_extensions=False
    )


def _query(connection: Any, sql: str, columns: dict[str, str]) -> list[dict[str, Any]]:
    """The lines that `sql` gives. The schema is declared: it is the sheet's, and Ibis 12.0 cannot ask DuckDB 2.0
    for one (ibis pull request 12001)."""
    ordered = f"SELECT {', '.join(columns)} FROM ({sql.strip()}) AS report"
    lines: list[dict[str, Any]] = connection.sql(ordered, schema=ibis.schema(columns)).to_pyarrow().to_pylist()
    return lines


def _number(connection: Any, sql: str) -> int:
    return int(connection.raw_sql(sql).fetchone()[0])
