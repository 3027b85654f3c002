"""How fast one person, or one address of strangers, may ask: a flood from one place is turned away, others go on."""

import time
from collections.abc import Callable
from typing import Final

MINUTE_S: Final = 60.0
_MANY: Final = 10_000
_ROUNDED_S: Final = 1e-6


class Pace:
    """`per_min` requests a minute for each key, all of them at once if need be (GCRA). 0 lets everybody pass."""

    def __init__(self, per_min: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._step_s = MINUTE_S / per_min if per_min else 0.0
        self._clock = clock
        self._spent_until: dict[str, float] = {}

    def wait_s(self, key: str) -> float:
        """0 for a request that may pass, and is counted; otherwise the seconds until one may."""
        now = self._clock()
        spent_until = max(self._spent_until.get(key, now), now) + self._step_s
        if (wait_s := spent_until - now - MINUTE_S) > _ROUNDED_S:
            return wait_s
        if len(self._spent_until) >= _MANY:
            self._spent_until = {one: until for one, until in self._spent_until.items() if until > now}
        self._spent_until[key] = spent_until
        return 0.0
