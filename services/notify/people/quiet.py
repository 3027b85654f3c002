"""When somebody wants quiet (免打扰), until when it lasts, and when the daily digest is due. Pure.

Hours of the day are Beijing's; business hours come from the calendars that the promises go by.
"""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta

from chassis.calendars.hours import Hours, OutOfRange
from chassis.zone import BEIJING
from contracts.setting import Quiet, Recipient

__all__ = ["Hours", "digest_due", "quiet_until"]

LONGEST = timedelta(days=31)
"""Holidays are shorter. Where quiet never ends, business hours lie within the quiet hours and do not count."""
_DAY = timedelta(days=1)


def quiet_until(quiet: Quiet, at: datetime, hours: Callable[[str], Hours | None]) -> datetime | None:
    """The first moment after `at` that is not quiet (UTC); None when `at` is not quiet. A calendar that `hours` does
    not have, or whose years do not reach so far, is never closed.
    """
    calendar = hours(quiet.calendar) if quiet.calendar else None
    moment, last = at.astimezone(UTC), at.astimezone(UTC) + LONGEST
    while moment <= last:
        later = _opens(calendar, _ends(quiet, moment))
        if later == moment:
            return moment if moment > at else None
        moment = later
    until = _ends(quiet, at.astimezone(UTC))
    return until if until > at else None


def digest_due(recipient: Recipient, at: datetime) -> datetime:
    """The next time of the recipient's daily digest, later than `at` (UTC)."""
    return _next(recipient.digest_at, at)


def _ends(quiet: Quiet, moment: datetime) -> datetime:
    """When the quiet hours end in which `moment` lies; itself outside of them."""
    if quiet.begins is None or quiet.ends is None:
        return moment
    ends = _next(quiet.ends, moment)
    # Within them the end comes before the next begin.
    return ends if ends < _next(quiet.begins, moment) else moment


def _opens(calendar: Hours | None, moment: datetime) -> datetime:
    if calendar is None:
        return moment
    try:
        return calendar.opens_next(moment)
    except OutOfRange:
        return moment


def _next(clock: str, at: datetime) -> datetime:
    """When clocks in Beijing show `clock` (HH:MM) for the next time, later than `at`."""
    there = at.astimezone(BEIJING)
    today = datetime.combine(there.date(), time.fromisoformat(clock), BEIJING)
    return (today if today > there else today + _DAY).astimezone(UTC)
