"""A vendor's limit for each person, where it drops what is more without a word: it is better not sent. Pure."""

from collections import deque


class Pace:
    """At most `most` for one person in any `within_s` seconds, in this process; `now` counts seconds up."""

    def __init__(self, most: int, within_s: float) -> None:
        self._most, self._within_s = most, within_s
        self._sent: dict[str, deque[float]] = {}

    def wait_s(self, person: str, now: float) -> float:
        """Seconds until one more may go to this person; 0 where it may go now, and then it counts."""
        self._forget(now)
        times = self._sent.setdefault(person, deque())
        while times and times[0] <= now - self._within_s:
            times.popleft()
        if len(times) >= self._most:
            return times[0] + self._within_s - now
        times.append(now)
        return 0.0

    def _forget(self, now: float) -> None:
        """Whoever is first in the dictionary was new longest ago; looking at two each time keeps it small."""
        for person in list(self._sent)[:2]:
            times = self._sent.pop(person)
            if times and times[-1] > now - self._within_s:
                self._sent[person] = times
