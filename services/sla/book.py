"""The book of promises: policies and calendars, in every edition that ever held."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from datetime import datetime

from chassis.calendars.definition import Definition
from contracts.sla import Clock
from services.sla.clock import Bound, Hours
from services.sla.policy import CLOCKS, SINGING, About, Policy, version_of
from services.sla.threshold import duration

MOST_CHOSEN = 10_000


class Edition:
    """Policies and calendars as they held from `since` on. Raises ValueError for a calendar that is not there, and for
    a promise that ends after it does.
    """

    def __init__(
        self, policies: Sequence[Policy], calendars: Mapping[str, Hours], since: datetime,
        definitions: Sequence[Definition] = (), by: str = "",
    ) -> None:  # fmt: skip
        """`definitions` are what the calendars were made of, `by` is who wanted it so."""
        self.by = by
        self.policies, self.calendars, self.since = tuple(policies), dict(calendars), since
        self.definitions = tuple(definitions)
        used = {p.calendar_of(promise) for p in policies for c in CLOCKS if (promise := p.promise(c))}
        used |= {p.calendar for p in policies}
        if missing := sorted(used - calendars.keys()):
            raise ValueError(f"没有日历 {', '.join(missing)}: 可用 {', '.join(sorted(calendars))}")
        self.version = version_of(policies, [f"{name}@{calendars[name].version}" for name in used])
        self._policies = (SINGING, *self.policies)
        self._by_hours = any(p.when.hours != "any" for p in policies)
        self._chosen: dict[About, Policy] = {}  # for most cases the choice was made before
        self._bounds = {(p.name, clock): self._bound(p, clock) for p in self._policies for clock in CLOCKS}

    def _bound(self, policy: Policy, clock: Clock) -> Bound | None:
        if (promise := policy.promise(clock)) is None:
            return None
        hours, within, steps = self.calendars[policy.calendar_of(promise)], duration(promise.within), promise.steps
        hours.after(self.since, steps[-1].after(within))  # a promise that the calendar cannot hold is none
        return Bound(self.version, policy.name, within, steps, hours)

    def bound(self, clock: Clock, case: About, opened_at: datetime) -> Bound | None:
        return self._bounds[self.choose(case, opened_at).name, clock]

    def choose(self, case: About, opened_at: datetime) -> Policy:
        """The policy that the case's contract names, where it fits; otherwise the first that does."""
        if self._by_hours:
            return self._choose(case, opened_at)
        if (chosen := self._chosen.get(case)) is None:
            chosen = self._choose(case, opened_at)
            if len(self._chosen) < MOST_CHOSEN:
                self._chosen[case] = chosen
        return chosen

    def _choose(self, case: About, opened_at: datetime) -> Policy:
        def fits(policy: Policy) -> bool:
            return policy.when.fits(case, lambda: self.calendars[policy.calendar].is_open(opened_at))

        if case.promised and (named := next((p for p in self._policies if p.name == case.promised and fits(p)), None)):
            return named
        return next(policy for policy in self._policies if fits(policy))


class Book:
    """All editions, the oldest first."""

    def __init__(self, editions: Sequence[Edition]) -> None:
        self._editions = sorted(editions, key=lambda edition: edition.since)
        self._since = [edition.since for edition in self._editions]
        self._by_version = {edition.version: edition for edition in self._editions}

    @property
    def version(self) -> str:
        """What holds now."""
        return self._editions[-1].version

    @property
    def editions(self) -> Sequence[Edition]:
        return self._editions

    def knows(self, version: str) -> bool:
        """Whether this process has read that edition yet."""
        return version in self._by_version

    def version_at(self, at: datetime) -> str:
        """What held then; before the first edition, the first."""
        return self._editions[max(0, bisect_right(self._since, at) - 1)].version

    def bound(self, version: str, clock: Clock, case: About, opened_at: datetime) -> Bound | None:
        return self._by_version[version].bound(clock, case, opened_at)

    def hours(self, name: str, version: str) -> Hours:
        """A calendar in one of its versions. Raises LookupError."""
        for edition in reversed(self._editions):
            if (hours := edition.calendars.get(name)) is not None and hours.version == version:
                return hours
        raise LookupError(f"no calendar {name}@{version}")
