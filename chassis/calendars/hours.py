"""Open time between two moments, and the moment at which so much open time has passed; exact to the microsecond."""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_NOTHING = timedelta(0)
_NEGATIVE = "时长不能为负"


class OutOfRange(ValueError):
    """The answer lies outside the years that the calendar covers; the message says which these are."""


def microseconds(at: datetime) -> int:
    """Since 1970 UTC, exact. Raises TypeError for a naive moment."""
    since = at - EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


class Hours:
    """The open time of one version of a calendar.

    `known_until` is the last day whose holidays are official, later ones are a forecast; `covers` are the first and the
    last day for which there is an answer. All moments are aware datetimes of any zone, those returned are UTC; a naive
    one is a TypeError. A moment belongs to the time after it: at a closing time it is closed.
    """

    __slots__ = ("_ends", "_first", "_last", "_open_before", "_starts", "covers", "known_until", "name", "version")

    def __init__(
        self, name: str, version: str, known_until: date, covers: tuple[date, date],
        limits: tuple[int, int], intervals: Iterable[tuple[int, int]],
    ) -> None:  # fmt: skip
        """`limits` and `intervals` are microseconds since 1970 UTC; `intervals` in order, none overlaps."""
        self.name, self.version, self.known_until, self.covers = name, version, known_until, covers
        self._first, self._last = limits
        # Arrays, because they lie together in memory: the searches take most of the time.
        self._starts = array("q")
        self._ends = array("q")
        for start, end in intervals:
            if start < end:
                self._starts.append(start)
                self._ends.append(end)
        self._open_before = array("q", [0])  # open microseconds before interval i, and after all of them
        for start, end in zip(self._starts, self._ends, strict=True):
            self._open_before.append(self._open_before[-1] + end - start)

    def after(self, at: datetime, span: timedelta) -> datetime:
        """The moment at which `span` of open time has passed since `at`; `at` itself for no time at all.

        When the time runs out exactly at a closing time, it is that closing time and not the next opening.
        Raises ValueError for a negative span and OutOfRange past the covered years.
        """
        moment = self._covered(at)
        if span <= _NOTHING:
            if span < _NOTHING:
                raise ValueError(_NEGATIVE)
            return at.astimezone(UTC)
        wanted = self._open_until(moment) + span // _MICROSECOND
        before = self._open_before
        if wanted > before[-1]:
            raise self._beyond(at)
        i = bisect_left(before, wanted) - 1
        return EPOCH + _MICROSECOND * (self._starts[i] + wanted - before[i])

    def between(self, start: datetime, end: datetime) -> timedelta:
        """Open time from `start` to `end`, nothing when `end` is not later. Raises OutOfRange."""
        # Not by comparing the two as they are: Python compares moments of one zone by their wall clock.
        if microseconds(end) <= microseconds(start):
            return _NOTHING
        return _MICROSECOND * (self._open_until(self._covered(end)) - self._open_until(self._covered(start)))

    def openings(self, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The open time between the two, piece by piece. Raises OutOfRange."""
        since, until = self._covered(start), self._covered(end)
        for i in range(bisect_right(self._ends, since), len(self._starts)):
            if self._starts[i] >= until:
                return
            yield (
                EPOCH + _MICROSECOND * max(since, self._starts[i]),
                EPOCH + _MICROSECOND * min(until, self._ends[i]),
            )

    def is_open(self, at: datetime) -> bool:
        """Whether open time runs at `at`. Raises OutOfRange."""
        moment = self._covered(at)
        i = bisect_right(self._starts, moment) - 1
        return i >= 0 and moment < self._ends[i]

    def opens_next(self, at: datetime) -> datetime:
        """`at` itself while open, otherwise the next opening. Raises OutOfRange when there is none."""
        if self.is_open(at):
            return at.astimezone(UTC)
        i = bisect_right(self._starts, self._covered(at))
        if i == len(self._starts):
            raise self._beyond(at)
        return EPOCH + _MICROSECOND * self._starts[i]

    def _open_until(self, moment: int) -> int:
        """Open microseconds from the first covered day to `moment`."""
        i = bisect_right(self._starts, moment) - 1
        if i < 0:
            return 0
        end = self._ends[i]
        return self._open_before[i] + (moment if moment < end else end) - self._starts[i]

    def _covered(self, at: datetime) -> int:
        moment = microseconds(at)
        if not self._first <= moment <= self._last:
            raise self._beyond(at)
        return moment

    def _beyond(self, at: datetime) -> OutOfRange:
        first, last = self.covers
        return OutOfRange(f"营业日历 {self.name} 只覆盖 {first} 至 {last}, 从 {at.isoformat()} 起算不出结果")


class Always(Hours):
    """Open day and night: plain arithmetic, without limits of years."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__("24x7", "24x7", date.max, (date.min, date.max), (0, 0), ())

    def after(self, at: datetime, span: timedelta) -> datetime:
        """`span` later. Raises ValueError for a negative span."""
        if span < _NOTHING:
            raise ValueError(_NEGATIVE)
        return self.opens_next(at) + span

    def between(self, start: datetime, end: datetime) -> timedelta:
        """The time from `start` to `end`, nothing when `end` is not later."""
        return max(self.opens_next(end) - self.opens_next(start), _NOTHING)

    def openings(self, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
        """All of it, in one piece."""
        since, until = self.opens_next(start), self.opens_next(end)
        if since < until:
            yield since, until

    def is_open(self, at: datetime) -> bool:
        """Always."""
        return True

    def opens_next(self, at: datetime) -> datetime:
        """`at` itself."""
        return EPOCH + (at - EPOCH)


ALWAYS = Always()
