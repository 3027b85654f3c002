"""Who may be given a case now: those who are there, what they can, and how much they have."""

from collections.abc import Callable
from datetime import datetime

from chassis.roster import Shifts
from contracts.case import CaseAssigned, CaseOpened
from contracts.directory import StaffMember
from contracts.envelope import Event
from services.intake.duty.choose import Duty, Engineer, Rule


class Roster(Shifts):
    """Answers from memory who may be given a case; `staff` looks an engineer up in the directory."""

    def __init__(self, staff: Callable[[str], StaffMember | None], rules: tuple[Rule, ...]) -> None:
        self._staff, self._rules = staff, rules
        self._load: dict[str, int] = {}
        super().__init__()

    def snapshot(self, now: datetime, turn: int = 0) -> Duty:
        """For the fold: it may be asked at any time later and gives the same answer."""
        present = self.present(now)
        people = tuple(self._engineer(id_) for id_ in present.available)
        note = "午间由值守人员接" if present.covers else ""
        return Duty(people, dict(self._load), self._rules, note, turn)

    def recount(self, load: dict[str, int]) -> None:
        """The open cases of everybody as the database has them."""
        self._load = load

    def said(self, event: Event) -> None:
        """What this process has said since the last count."""
        if isinstance(event, CaseOpened | CaseAssigned) and event.assignee:
            self._load[event.assignee] = self._load.get(event.assignee, 0) + 1

    def load_of(self, engineer: str) -> int:
        return self._load.get(engineer, 0)

    def _engineer(self, id_: str) -> Engineer:
        member = self._staff(id_)
        if member is None:
            return Engineer(id_)
        skills, posted = frozenset(member.skills), frozenset(member.posted_at)
        return Engineer(id_, member.place, member.lead, skills, posted, member.most)
