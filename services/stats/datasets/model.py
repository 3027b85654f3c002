"""A data set as stats knows it."""

from datetime import datetime
from uuid import UUID

import msgspec


class Dataset(msgspec.Struct, frozen=True):
    """See `contracts.dataset.DatasetRegistered`."""

    table: str
    sha256: str
    rows: int
    rejected: int = 0
    name: str = ""
    upload_id: str = ""
    schema_hash: str = ""
    since: str = ""
    until: str = ""
    run_id: UUID | None = None
    registered_at: datetime | None = None
    registered_by: str = ""
    withdrawn_at: datetime | None = None
    withdrawn_by: str = ""
    reason: str = ""
