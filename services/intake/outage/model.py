"""An outage (群体故障) as intake knows it: which cases, how far it is, what was told to everybody."""

from datetime import datetime
from uuid import UUID

import msgspec

from contracts.outage import OutageState
from services.intake.model import ids_of, number_of

MAX_CASES = 900  # one command each in one atomic batch, which takes a thousand
_DIGITS = 5


class Outage(msgspec.Struct, frozen=True):
    """`cases` are its children, each with its own clocks and its own end; `spent` is about how many bytes were said.

    `grown_at` is when the last case came to it, `ended_at` when it was dismissed or resolved.
    """

    number: str
    title: str
    signature: str
    infno: str | None
    error: str | None
    cases: tuple[UUID, ...]
    institutions: tuple[str, ...]
    state: OutageState
    suggested_at: datetime
    grown_at: datetime
    confirmed_at: datetime | None = None
    confirmed_by: str | None = None
    ended_at: datetime | None = None
    ended_by: str | None = None
    reason: str = ""
    resolution: str = ""
    broadcasts: tuple[str, ...] = ()
    spent: int = 0


def outage_number_of(outage_id: UUID) -> str:
    """What staff quote (故障编号), for example `GZ-7K3QM`: the first 25 bits of the id."""
    return f"GZ-{number_of(outage_id)[3 : 3 + _DIGITS]}"


def reference_query(reference: str) -> object:
    """What MongoDB compares an outage's id with, for its id or its number; nothing matches what is neither."""
    try:
        if len(reference) >= 32:
            return UUID(reference)
        digits = reference.upper().removeprefix("GZ").replace("-", "")
        if len(digits) != _DIGITS:
            return {"$in": []}
        low, high = ids_of(f"{digits}00000")[0], ids_of(f"{digits}ZZZZZ")[1]
    except ValueError:
        return {"$in": []}
    return {"$gte": low, "$lte": high}
