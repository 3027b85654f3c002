"""Who stands behind a role at this moment: the roster and the desk's staff, followed in memory."""

from datetime import datetime
from typing import Literal

from chassis.roster import Shifts
from contracts.directory import DirectoryRemoved, DirectorySaved, StaffMember
from contracts.envelope import Event

Place = Literal["resident", "remote"]


class People:
    """Answers from memory; where nobody is known to be on duty, nobody."""

    def __init__(self) -> None:
        self.shifts = Shifts()
        self.forget()

    def forget(self) -> None:
        """Begin the directory anew: the stream is another one now."""
        self._versions: dict[str, int] = {}
        self._staff: dict[str, StaffMember] = {}

    def hear(self, event: Event) -> None:
        """Take in what the DIRECTORY stream says; what is older than what is known changes nothing."""
        if not isinstance(event, DirectorySaved | DirectoryRemoved) or event.kind != "staff":
            return
        if event.version <= self._versions.get(event.key, 0):
            return
        self._versions[event.key] = event.version
        self._staff.pop(event.key, None)
        if isinstance(event, DirectorySaved) and event.staff is not None:
            self._staff[event.key] = event.staff

    def on_duty(self, place: Place, now: datetime, besides: str | None) -> tuple[str, ...]:
        """Ids of the engineers of that place who are there now, without the one whose turn it was already."""
        there = self.shifts.present(now).available
        return tuple(e for e in there if e != besides and (m := self._staff.get(e)) is not None and m.place == place)
