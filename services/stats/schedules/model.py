"""A schedule as stats knows it."""

from datetime import datetime
from typing import Any

import msgspec


class Schedule(msgspec.Struct, frozen=True):
    """`scheduled` is a contracts.schedule.Scheduled as it was said; None once it is removed."""

    scheduled: dict[str, Any] | None
    saved_at: datetime
    saved_by: str
