"""What happened in a period, counted from the streams: the same events in the same order give the same figures,
whenever they are read, and an event that comes twice counts once. Pure.
"""

from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import timedelta

from contracts.sla import CANARY
from services.notify.digests.period import Period
from services.notify.digests.told import Case, Due, Mine, Outage, Sums, Told

SOON = timedelta(days=7)
NOWHERE = ""
"""In the place of an institution that is not known."""


class Figures:
    """`hear` every event, then ask."""

    def __init__(self, of: Period) -> None:
        self.of = of
        self._cases: dict[str, Case] = {}
        self._opened: set[str] = set()
        self._resolved: set[str] = set()
        self._kept: dict[tuple[str, int], str] = {}
        self._missed: dict[tuple[str, int], str] = {}
        self._breaches: dict[tuple[str, str, int], tuple[str, str]] = {}
        self._outages: dict[str, Outage] = {}
        self._due: dict[str, Due] = {}
        self._alerts: defaultdict[str, set[str]] = defaultdict(set)
        self._read: set[tuple[str, str]] = set()
        self._over: set[str] = set()
        self._failed: defaultdict[str, set[tuple[str, int]]] = defaultdict(set)

    def hear(self, told: Told) -> None:
        """In the order of the stream. What was written after the period belongs to the next one."""
        if told.recorded_at >= self.of.until:
            return
        stream, _, verb = told.type.partition(".")
        heard: dict[str, Callable[[str, Told], None]] = {
            "case": self._case, "sla": self._clock, "notify": self._alert, "outage": self._outage,
            "obligation": self._obligation,
        }  # fmt: skip
        if stream in heard:
            heard[stream](verb, told)

    def _is_now(self, told: Told) -> bool:
        return told.recorded_at >= self.of.since

    def _case(self, verb: str, told: Told) -> None:
        id_ = told.case_id or ""
        known = self._cases.get(id_, Case(0, NOWHERE, "", False))
        if told.version <= known.version:
            return
        institution, category = told.institution_code or known.institution, told.category or known.category
        is_open = verb in ("opened", "reopened") or (known.open and verb not in ("resolved", "closed"))
        self._cases[id_] = Case(told.version, institution, category, is_open)
        if self._is_now(told) and verb == "opened":
            self._opened.add(id_)
        if self._is_now(told) and verb == "resolved":
            self._resolved.add(id_)

    def _clock(self, verb: str, told: Told) -> None:
        if told.number == CANARY or not self._is_now(told):
            return
        where, key = told.institution_code or NOWHERE, (told.case_id or "", told.cycle)
        first = told.clock == "first_response"
        if verb == "met" and told.in_time and first:
            self._kept[key] = where
        elif verb == "breached":
            self._breaches[(*key[:1], told.clock, told.cycle)] = (told.number, where)
            if first:
                self._missed[key] = where

    def _alert(self, verb: str, told: Told) -> None:
        if not self._is_now(told):
            return
        if verb == "queued":
            self._alerts[told.audience].add(told.alert_id)
        elif verb == "read":
            self._read |= {(told.alert_id, f"staff:{told.actor.id}"), (told.alert_id, told.actor.id)}
        elif verb == "acknowledged":
            self._over.add(told.alert_id)
            self._read.add((told.alert_id, f"staff:{told.actor.id}"))
        elif verb == "settled":
            self._over.add(told.alert_id)
        elif verb == "received" and told.receipt == "read":
            self._read.add((told.alert_id, told.audience))
        elif verb == "undelivered" and told.outcome in ("failed", "expired") and not told.next:
            self._failed[told.audience].add((told.alert_id, told.delivery))

    def _outage(self, verb: str, told: Told) -> None:
        id_ = told.outage_id or ""
        known = self._outages.get(id_)
        if verb in ("grew", "broadcast") or (known is not None and told.version <= known.version):
            return
        title = told.title or (known.title if known else "")
        self._outages[id_] = Outage(told.version, told.recorded_at, told.number, title, verb)

    def _obligation(self, _: str, told: Told) -> None:
        id_ = told.obligation_id or ""
        known = self._due.get(id_)
        if told.due_at is not None and (known is None or told.version > known.version):
            facts = (told.version, told.title, told.holder_name, told.period, told.due_at, told.open)
            self._due[id_] = Due(*facts)

    def sums(self, institution: str | None = None) -> Sums:
        """Of all cases, or of one institution's."""
        return self._sums(lambda case: institution in (None, case.institution), institution)

    def by_category(self) -> dict[str, Sums]:
        """The most cases first."""
        return self._by("category")

    def by_institution(self) -> dict[str, Sums]:
        """The most cases first, with their promises."""
        return self._by("institution")

    def breaches(self, institution: str | None = None) -> list[tuple[str, str]]:
        """Number of the case and clock of each deadline that passed in the period."""
        found = self._breaches.items()
        return sorted((number, key[1]) for key, (number, where) in found if institution in (None, where))

    def outages(self) -> list[Outage]:
        """Those that are open, and those that ended in the period."""
        found = (o for o in self._outages.values() if o.state != "dismissed")
        return sorted((o for o in found if o.state != "resolved" or o.at >= self.of.since), key=lambda o: o.number)

    def due(self) -> list[Due]:
        """Obligations that are not done and due within a week after the period, or overdue."""
        soon = self.of.until + SOON
        return sorted((d for d in self._due.values() if d.open and d.due_at < soon), key=lambda d: (d.due_at, d.title))

    def mine(self, audience: str) -> Mine:
        """Of the alerts that came in the period."""
        new = self._alerts.get(audience, set())
        unread = {a for a in new if (a, audience) not in self._read}
        return Mine(len(new), len(unread), len(new - self._over), len(self._failed.get(audience, ())))

    def _by(self, field: str) -> dict[str, Sums]:
        opened: Counter[str] = Counter(getattr(self._cases[id_], field) for id_ in self._opened)
        resolved: Counter[str] = Counter(getattr(self._cases[id_], field) for id_ in self._resolved)
        still: Counter[str] = Counter(getattr(case, field) for case in self._cases.values() if case.open)
        kept, missed = Counter(self._kept.values()), Counter(self._missed.values())
        if field != "institution":
            kept, missed = Counter(), Counter()
        names = {*opened, *resolved, *still, *kept, *missed}
        found = {n: Sums(opened[n], resolved[n], still[n], kept[n], missed[n]) for n in names}
        return dict(sorted(found.items(), key=lambda one: (-one[1].opened, -one[1].open, one[0])))

    def _sums(self, wanted: Callable[[Case], bool], institution: str | None) -> Sums:
        def promises(of: dict[tuple[str, int], str]) -> int:
            return sum(institution in (None, where) for where in of.values())

        return Sums(
            sum(wanted(self._cases[id_]) for id_ in self._opened),
            sum(wanted(self._cases[id_]) for id_ in self._resolved),
            sum(case.open and wanted(case) for case in self._cases.values()),
            promises(self._kept),
            promises(self._missed),
        )
