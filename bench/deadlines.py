"""How many deadlines in open time a core computes: promises of every length, made at any moment of ten years."""

import random
import time
from datetime import UTC, datetime, timedelta

from bench.result import Result, show
from chassis.calendars.book import CalendarBook
from chassis.calendars.hours import Hours

SEED = 20261122
_START, _YEARS_S = datetime(2024, 1, 1, tzinfo=UTC), 10 * 365 * 86_400
Promise = tuple[datetime, timedelta]


def deadlines(n: int = 100_000, rounds: int = 5) -> list[Result]:
    """`Hours.after` on one core, in processor time; spans of 5 minutes to 30 days of open time."""
    r = random.Random(SEED)
    promises = [(_START + _random(r, 0, _YEARS_S), _random(r, 300, 30 * 86_400)) for _ in range(n)]
    desk = CalendarBook.load().current("desk")
    best = min(_timed(desk, promises) for _ in range(rounds))
    beside = f"{best / n * 1e6:.2f} µs each, best of {rounds} rounds of {n:,}"
    return [Result("deadlines_per_s_core", n / best, "1/s", 100_000, beside=beside)]


def _random(r: random.Random, least_s: int, most_s: int) -> timedelta:
    return timedelta(microseconds=r.randrange(least_s * 1_000_000, most_s * 1_000_000))


def _timed(hours: Hours, promises: list[Promise]) -> float:
    started = time.process_time()
    for at, span in promises:
        hours.after(at, span)
    return time.process_time() - started


if __name__ == "__main__":
    show(deadlines())
