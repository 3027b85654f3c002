"""The arithmetic of a provider's limit (限流, GCRA): how long until the next message may go. Pure; times are ms.

A bucket is one number, the theoretical arrival time `tat`: when the next message would come at an even pace. A message
may be early by what the burst allows. So no window of length t ever sees more than burst + rate * t messages.
"""

from typing import NamedTuple

GRAIN_MS = 0.01
"""Thirds of a second do not add up in floating point; what is early by less than this is in time."""


class Pace(NamedTuple):
    """One message in `interval_ms`, early by at most `slack_ms`."""

    interval_ms: float
    slack_ms: float


def pace_of(rate: float, per_s: float, burst: int) -> Pace:
    """`rate` messages in `per_s` seconds, `burst` (at least 1) of them at once."""
    interval = per_s * 1_000 / rate
    return Pace(interval, interval * (max(1, burst) - 1))


def wait_of(tat: float, now: float, pace: Pace) -> float:
    """How many ms until a message may go; 0 when it may go now."""
    early = max(tat, now) - now - pace.slack_ms
    return early if early > GRAIN_MS else 0.0


def taken(tat: float, now: float, pace: Pace) -> tuple[float, float]:
    """The new `tat`, and how long to wait before asking again: 0 when a token was taken."""
    wait = wait_of(tat, now, pace)
    return (max(tat, now), wait) if wait else (max(tat, now) + pace.interval_ms, 0.0)


def pushed(tat: float, now: float, after_ms: float, pace: Pace) -> float:
    """The provider wishes nothing for `after_ms`; then one at a time, the burst is used up."""
    return max(tat, now + after_ms + pace.slack_ms)


def refunded(tat: float, floor: float, pace: Pace) -> float:
    """A token that was taken and not used is given back, though never the time that the provider asked for: `floor`."""
    return max(tat - pace.interval_ms, floor + pace.slack_ms)
