"""What all fake vendors share: requests and answers, limits, what went out, and how to misbehave."""

import json
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

Json = dict[str, Any]


class Request(NamedTuple):
    """One request; names of headers are in lower case."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Json:
        """{} where it is no JSON object."""
        try:
            found = json.loads(self.body)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}


class Answer(NamedTuple):
    """`body`: bytes as they are, None for nothing, anything else as JSON."""

    status: int = 200
    body: object = None
    headers: dict[str, str] = {}  # noqa: RUF012


class Trouble(NamedTuple):
    """How a request goes wrong. `taken`: the message goes out all the same, so that a repetition is one too many.

    `answer` instead of the vendor's own; `after_s` later than at once; `receipts` that the vendor sends of it.
    """

    kind: Literal["answer", "silence", "close", "reset", "half", "none"] = "answer"
    answer: Answer = Answer()
    taken: bool = False
    after_s: float = 0.0
    receipts: int = 0


BUSY = Trouble(answer=Answer(429, {"error": "slow down"}, {"Retry-After": "7"}))
BROKEN = Trouble(answer=Answer(500, {"error": "broken"}))
BROKEN_AFTER = Trouble(answer=Answer(500, {"error": "broken"}), taken=True)
GARBAGE = Trouble(answer=Answer(200, b"<html>gateway</html>"), taken=True)
CLOSED = Trouble("close", taken=True)
HALF = Trouble("half", taken=True)
RESET = Trouble("reset")
SILENT = Trouble("silence", taken=True)


def slow(after_s: float) -> Trouble:
    """The message goes out and is answered well, only later."""
    return Trouble("none", taken=True, after_s=after_s)


class Limit:
    """At most `most` in any `within_s` seconds, as vendors count; `clock` may be a test's."""

    def __init__(self, most: int, within_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._most, self._within_s, self._clock = most, within_s, clock
        self._times: deque[float] = deque()

    def is_over(self) -> bool:
        """Counts this one, unless it is one too many."""
        now = self._clock()
        while self._times and self._times[0] <= now - self._within_s:
            self._times.popleft()
        if len(self._times) >= self._most:
            return True
        self._times.append(now)
        return False


class Taken(NamedTuple):
    """A message that a person sees: to whom, in which words, and all that the vendor was given."""

    to: str
    text: str
    given: Json


@dataclass
class Vendor:
    """`asked` is every request, `taken` what went out, `over` how often somebody was over the limit.

    `plan` decides on every request (with the words in it) how it goes wrong; `misbehave` only on those with a text.
    """

    prefixes: tuple[str, ...] = ()
    limit: Limit | None = None
    asked: list[Request] = field(default_factory=list)
    taken: list[Taken] = field(default_factory=list)
    over: int = 0
    plan: Callable[[Request, str], Trouble | None] = lambda request, words: None
    receipts: list[Json] = field(default_factory=list)
    _troubles: dict[str, deque[Trouble]] = field(default_factory=dict)

    def misbehave(self, text: str, *troubles: Trouble) -> None:
        """The next requests whose words hold `text` go wrong, one after the other."""
        self._troubles.setdefault(text, deque()).extend(troubles)

    def trouble(self, request: Request) -> Trouble | None:
        words = self.words(request)
        text = next((text for text in self._troubles if text in words), None)
        if text is None:
            return self.plan(request, words)
        waiting = self._troubles[text]
        found = waiting.popleft()
        if not waiting:
            del self._troubles[text]
        return found

    def words(self, request: Request) -> str:
        """What the message says, to find its trouble by."""
        return request.body.decode(errors="replace")

    def answer(self, request: Request) -> Answer:
        """The vendor's word on a request that goes well; keeps what goes out in `taken`."""
        raise NotImplementedError

    def about(self, text: str) -> list[Taken]:
        return [one for one in self.taken if text in one.text]

    def is_over(self) -> bool:
        over = self.limit is not None and self.limit.is_over()
        self.over += over
        return over

    def receipt(self, taken: Taken, times: int) -> None:
        """What would be posted to the customer's callback; a vendor that repeats itself posts it several times."""
        self.receipts += [{"id": taken.given.get("id", ""), "status": "DELIVRD"}] * times
