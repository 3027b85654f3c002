"""What a column of a report is in SQL and in Arrow, by its kind; the same on every engine."""

from collections.abc import Mapping, Sequence
from typing import Final

import pyarrow as pa

from services.stats.definitions.definition import Definition, Kind, Output
from services.stats.report import Shown
from services.stats.sources.table import SQL_TYPES, Column

SQL: Final[Mapping[Kind, str]] = {
    "text": "VARCHAR", "code": "VARCHAR", "month": "VARCHAR", "date": "DATE", "count": "BIGINT",
    "amount": "DECIMAL(38,2)", "number": "DECIMAL(38,2)", "ratio": "DECIMAL(38,4)", "percent": "DECIMAL(38,6)",
}  # fmt: skip
_ARROW: Final[Mapping[str, pa.DataType]] = {
    "VARCHAR": pa.string(), "DATE": pa.date32(), "BIGINT": pa.int64(),
    "DECIMAL(38,2)": pa.decimal128(38, 2), "DECIMAL(38,4)": pa.decimal128(38, 4), "DECIMAL(38,6)": pa.decimal128(38, 6),
}  # fmt: skip
ROLLED: Final = "rolled"
SUMMED: Final = "summed_bits"
"""Which dimensions a line sums over, as bits: the first dimension is 1. Only inside the engine."""


def schema(columns: Sequence[Output | Shown]) -> pa.Schema:
    """Of `data.parquet`: these columns, and `rolled`."""
    fields = [pa.field(c.code, _ARROW[SQL[c.kind]]) for c in columns]
    return pa.schema([*fields, pa.field(ROLLED, pa.int64())])


def counted(definition: Definition) -> pa.Schema:
    """Of what an engine gives: the outputs, `rolled`, and `summed`."""
    return schema(definition.outputs).append(pa.field(SUMMED, pa.int64()))


def column_type(column: Column) -> str:
    """A column of a source table; what was replaced by a token or masked is text whatever it was."""
    return "VARCHAR" if column.personal else SQL_TYPES[column.type]
