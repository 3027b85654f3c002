"""Whether a provider is worth trying (熔断): closed, open after failures in a row, half-open for one probe. Pure.

Times are seconds of any clock that only goes forward.
"""

from dataclasses import dataclass, replace
from typing import Literal

AFTER = 5
FIRST_PAUSE_S, LONGEST_PAUSE_S = 5.0, 300.0
Verdict = Literal["send", "probe", "no"]


@dataclass(frozen=True, slots=True)
class Breaker:
    """`failures` in a row while closed; `openings` in a row, each pause twice as long; the next probe at `until`."""

    failures: int = 0
    openings: int = 0
    until: float = 0.0
    probing: bool = False

    @property
    def is_open(self) -> bool:
        """Also while it is half-open: only a probe that succeeds closes it."""
        return self.openings > 0


def asked(breaker: Breaker, now: float) -> tuple[Breaker, Verdict]:
    """Whether the next message is sent; who is told `probe` must say what became of it."""
    if not breaker.is_open:
        return breaker, "send"
    if breaker.probing or now < breaker.until:
        return breaker, "no"
    return replace(breaker, probing=True), "probe"


def succeeded(breaker: Breaker, verdict: Verdict) -> Breaker:
    """The provider has answered, if only to refuse. What was sent before it opened proves nothing."""
    if breaker.is_open and verdict != "probe":
        return breaker
    return Breaker()


def failed(breaker: Breaker, verdict: Verdict, now: float) -> Breaker:
    """The provider itself is at fault: no answer, an error, credentials that do not hold."""
    if breaker.is_open:
        return _opened(breaker, now) if verdict == "probe" else breaker
    counted = replace(breaker, failures=breaker.failures + 1)
    return _opened(counted, now) if counted.failures >= AFTER else counted


def abandoned(breaker: Breaker, verdict: Verdict) -> Breaker:
    """Nothing was tried: the delivery need not go out any more, or the process ends. The next one may probe."""
    return replace(breaker, probing=False) if verdict == "probe" else breaker


def pause_s(openings: int) -> float:
    return float(min(FIRST_PAUSE_S * 2 ** min(openings - 1, 30), LONGEST_PAUSE_S))


def _opened(breaker: Breaker, now: float) -> Breaker:
    openings = breaker.openings + 1
    return Breaker(breaker.failures, openings, now + pause_s(openings), probing=False)
