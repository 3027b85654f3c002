"""What the service and a run's process say to each other: a job in, lines of JSON out."""

from typing import Literal

import msgspec

from services.stats.report import Input
from services.stats.runs.model import DatasetRef, Kind, Result, Wanted


class Job(msgspec.Struct, frozen=True):
    """All paths are absolute. `out` is the run's folder, `datasets` where data sets are kept; `inputs` are those that
    are counted, with their paths. `source` and `sql` are the definition's text; of `ingest` `report` is the table.

    `database` is the URL of the one that is fetched from, `from_table` the table there.

    `key` is the secret of pseudonyms, in hex. It is handed over on stdin with the rest, never as an argument.
    """

    kind: Kind
    report: str
    definition_hash: str
    out: str
    datasets: str
    memory_mb: int
    wanted: Wanted
    inputs: tuple[Input, ...] = ()
    upload: str = ""
    upload_id: str = ""
    source: str = ""
    sql: str = ""
    key: str = ""
    url: str = ""
    database: str = ""
    from_table: str = ""
    engine: Literal["duckdb", "clickhouse", "postgres"] = "duckdb"
    engine_url: str = ""


class Line(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line of the process's output: progress, or in the last line a result or a problem."""

    stage: str = ""
    done: float = 0.0
    result: Result | None = None
    problem: str = ""


def refs(inputs: tuple[Input, ...]) -> tuple[DatasetRef, ...]:
    return tuple(DatasetRef(i.table, i.sha256, i.rows) for i in inputs)
