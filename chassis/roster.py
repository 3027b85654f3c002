"""Who is on duty now, in memory, built from the DUTY stream by a `Follower`.

A leave outweighs a duty. While somebody covers lunch, those who are only on duty are at lunch.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from chassis.latest import Latest
from contracts.duty import DutyRemoved, DutySaved, Shift
from contracts.envelope import Event

FORGOTTEN = timedelta(days=35)
_NOBODY: tuple[str, ...] = ()


class Present(NamedTuple):
    """Engineers by what they do now, in order of id; good until `until`, when a shift begins or ends."""

    on: tuple[str, ...] = _NOBODY
    covers: tuple[str, ...] = _NOBODY
    away: tuple[str, ...] = _NOBODY
    until: datetime | None = None

    @property
    def available(self) -> tuple[str, ...]:
        return self.covers or self.on

    @property
    def at_lunch(self) -> tuple[str, ...]:
        return tuple(e for e in self.on if e not in self.covers) if self.covers else _NOBODY


class Shifts:
    """All shifts of these weeks; answers from memory."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Begin anew: the stream is another one now."""
        self._shifts: dict[str, Shift] = {}
        self._heard = Latest()
        self._present: Present | None = None

    def hear(self, event: Event) -> None:
        """Take in what the DUTY stream says; what is older than what is known changes nothing."""
        if not isinstance(event, DutySaved | DutyRemoved):
            return
        id_ = event.shift.id if isinstance(event, DutySaved) else event.shift_id
        if not self._heard.advance(id_, event.version):
            return
        self._present = None
        if isinstance(event, DutySaved):
            self._shifts[id_] = event.shift
        else:
            self._shifts.pop(id_, None)

    def of(self, engineer: str, since: datetime) -> list[Shift]:
        """The shifts and leaves of one engineer that end after `since`, in order."""
        found = (s for s in self._shifts.values() if s.engineer == engineer and s.ends > since)
        return sorted(found, key=lambda s: (s.begins, s.id))

    def present(self, now: datetime) -> Present:
        """Who is there at `now`; counted anew only when a shift begins or ends, or the roster changes."""
        known = self._present
        if known is None or known.until is None or now >= known.until:
            known = self._present = self._count(now)
        return known

    def _count(self, now: datetime) -> Present:
        self._drop_old(now)
        running = [s for s in self._shifts.values() if s.begins <= now < s.ends]
        away = {s.engineer for s in running if s.kind == "leave"}
        on = {s.engineer for s in running if s.kind == "duty"} - away
        covers = {s.engineer for s in running if s.kind == "lunch_cover"} - away
        changes = [t for s in self._shifts.values() for t in (s.begins, s.ends) if t > now]
        until = min(changes, default=now + timedelta(days=1))
        return Present(tuple(sorted(on)), tuple(sorted(covers)), tuple(sorted(away)), until)

    def _drop_old(self, now: datetime) -> None:
        old = [id_ for id_, s in self._shifts.items() if s.ends < now - FORGOTTEN]
        for id_ in old:
            del self._shifts[id_]
