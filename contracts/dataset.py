"""What `stats` says about data sets (数据集): what was read into the national tables, by the hash of its content."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from contracts.envelope import Command, Event, Key
from contracts.stats import Sha256

Count = Annotated[int, Field(ge=0)]
Day = Annotated[str, Field(max_length=40)]


class DatasetEvent(Event):
    table: Key
    sha256: Sha256


class DatasetRegistered(DatasetEvent):
    """Counted from now on by every report on its table. `since` and `until` are its first and last date, empty where
    the table has none; `upload_id` is the SHA-256 of the file that it was read from, `schema_hash` that of the schema.
    """

    type: Literal["dataset.registered"] = "dataset.registered"
    run_id: UUID
    rows: Count
    rejected: Count = 0
    name: Annotated[str, Field(max_length=255)] = ""
    upload_id: Annotated[str, Field(max_length=200)] = ""
    schema_hash: Annotated[str, Field(max_length=64)] = ""
    since: Day = ""
    until: Day = ""


class DatasetWithdrawn(DatasetEvent):
    """Not counted any more (撤下); runs that counted it can still be repeated."""

    type: Literal["dataset.withdrawn"] = "dataset.withdrawn"
    reason: Annotated[str, Field(max_length=500)] = ""


class DatasetCommand(Command):
    table: Key
    sha256: Sha256


class RegisterDataset(DatasetCommand):
    type: Literal["dataset.command.register"] = "dataset.command.register"
    run_id: UUID
    rows: Count
    rejected: Count = 0
    name: Annotated[str, Field(max_length=255)] = ""
    upload_id: Annotated[str, Field(max_length=200)] = ""
    schema_hash: Annotated[str, Field(max_length=64)] = ""
    since: Day = ""
    until: Day = ""


class WithdrawDataset(DatasetCommand):
    type: Literal["dataset.command.withdraw"] = "dataset.command.withdraw"
    reason: Annotated[str, Field(min_length=2, max_length=500)]
