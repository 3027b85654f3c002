"""The deadline of an obligation as a file for the reader's calendar. It has the id that the feed of obligations gives
it, so that who has both sees it once. Pure.
"""

from datetime import datetime
from uuid import UUID

from chassis.ical import Entry, calendar
from contracts.delivery import Handover

NAME, MEDIA_TYPE = "deadline.ics", "text/calendar; charset=utf-8; method=PUBLISH"
Enclosure = tuple[str, str, bytes]


def invitation(handover: Handover) -> Enclosure | None:
    """Name, media type and content; None where the alert is about no deadline."""
    due_at: datetime | None = getattr(handover, "due_at", None)
    if handover.obligation_id is None or due_at is None:
        return None
    return deadline(handover.obligation_id, due_at, handover.title, handover.body, handover.recorded_at)


def deadline(obligation_id: UUID, due_at: datetime, title: str, body: str, stamp: datetime) -> Enclosure:
    """The file; `stamp` is when the alert was written."""
    entry = Entry(f"{obligation_id}@yibao-desk", due_at, title, body)
    return NAME, MEDIA_TYPE, calendar("医保服务义务", [entry], stamp).encode()
