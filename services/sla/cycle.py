"""What happened to the clocks of a case, before anybody has promised anything: cycles and their segments.

The facts are a set ordered by the case's version, so the same facts give the same cycles in whatever order they came.
Segments follow each other without a gap from the start of a cycle to its end: together they are its wall time.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Literal, TypeVar

import msgspec
from msgspec.structs import replace

from contracts.casework import Owes
from contracts.sla import Clock
from services.sla.policy import CLOCKS, About

FactType = Literal[
    "opened", "message_added", "assigned", "responded", "waiting", "escalated", "resolved", "closed", "reopened",
    "resumed", "chased", "categorised", "kind_set", "identified",
]  # fmt: skip
E = TypeVar("E", datetime, datetime | None)
_TAKES_BACK = {"reopened", "resumed", "waiting", "resolved", "closed"}


class Fact(msgspec.Struct, frozen=True, order=True, omit_defaults=True):
    """One event of the case. `who` is the assignee, or who owes the next step; `reason` why it has to wait.

    `about` is what it tells of the case: only what is set counts. `asked_from` is the institution that asked.
    """

    version: int
    type: FactType
    at: datetime
    who: str | None = None
    reason: str = ""
    about: About | None = None
    asked_from: str | None = None


class Segment(msgspec.Struct, frozen=True, omit_defaults=True):
    """Time that counts (`running`) or does not; it ends where the next one begins, or with the cycle."""

    since: datetime
    running: bool = True
    owes: Owes = "desk"
    reason: str = ""
    escalated: bool = False


class Cycle(msgspec.Struct, frozen=True):
    """One run of a clock. `about` is what was known of the case while it ran."""

    clock: Clock
    number: int
    segments: tuple[Segment, ...]
    about: About
    ended_at: datetime | None = None
    met: bool = False

    @property
    def started_at(self) -> datetime:
        return self.segments[0].since


def cycles(facts: Sequence[Fact]) -> list[Cycle]:
    """Every cycle of every clock; `facts` in order of version."""
    return [cycle for clock in CLOCKS for cycle in _run(clock, facts)]


def _run(clock: Clock, facts: Sequence[Fact]) -> list[Cycle]:
    found: list[Cycle] = []
    about, answered = About(), False
    for fact in facts:
        about = _learn(about, fact)
        now = found[-1] if found and found[-1].ended_at is None else None
        if now is not None:
            now = found[-1] = replace(_step(now, fact), about=about)
        if (now is None or now.ended_at is not None) and _starts(clock, fact, answered):
            found.append(Cycle(clock, len(found) + 1, (Segment(fact.at),), about))
        answered = answered or fact.type == "responded"
    return found


def _learn(about: About, fact: Fact) -> About:
    if fact.about is None:
        return about
    told = {name: value for name, value in msgspec.structs.asdict(fact.about).items() if value is not None}
    return replace(about, **told)


def _starts(clock: Clock, fact: Fact, answered: bool) -> bool:
    match clock:
        case "first_response":
            return fact.type == "opened"
        case "next_response":  # the requester has had an answer, and speaks again
            return (fact.type == "message_added" and answered) or fact.type == "reopened"
        case "chase":
            return fact.type in ("escalated", "chased")
        case "resolution":
            return fact.type in ("opened", "reopened")


def _step(now: Cycle, fact: Fact) -> Cycle:
    if now.clock == "resolution":
        now = _paused(now, fact)
    ends, met = _ends(now.clock, fact)
    return replace(now, ended_at=max(fact.at, now.segments[-1].since), met=met) if ends else now


def _ends(clock: Clock, fact: Fact) -> tuple[bool, bool]:
    """Whether this ends a cycle of the clock, and whether by keeping its promise.

    Only an answer that the requester can have seen or heard is one: a case that is resolved or closed without a word
    stops the clocks of its answers, and they are not met.
    """
    if fact.type == "closed":
        return True, False
    match clock:
        case "first_response":
            return fact.type == "responded", True
        case "next_response":
            return fact.type in ("responded", "resolved"), fact.type == "responded"
        case "chase":
            return fact.type == "chased" or fact.type in _TAKES_BACK, fact.type == "chased"
        case "resolution":
            return fact.type == "resolved", True


def _paused(now: Cycle, fact: Fact) -> Cycle:
    last = now.segments[-1]
    since = max(fact.at, last.since)
    if fact.type in ("waiting", "escalated"):
        owes: Owes = fact.who if fact.who in ("requester", "institution", "province", "vendor") else "nobody"  # type: ignore[assignment]
        if last.running or last.owes != owes:
            return _with(now, Segment(since, False, owes, fact.reason, fact.type == "escalated"))
    elif not last.running and _resumes(last, fact):
        return _with(now, Segment(since))
    return now


def _resumes(pause: Segment, fact: Fact) -> bool:
    """What ends a pause is what takes the case up again: the desk's word, or the one that was waited for."""
    match fact.type:
        case "resumed" | "reopened" | "resolved":
            return True
        case "responded":  # an answer to the requester does not take back what the province or a vendor has
            return not pause.escalated
        case "message_added":
            return pause.owes == "requester"
    return False


def lasting(segments: Sequence[Segment], end: E) -> Iterator[tuple[Segment, datetime | E]]:
    """Each segment with its end: where the next one begins, of the last `end`."""
    return zip(segments, (*(segment.since for segment in segments[1:]), end), strict=True)


def _with(now: Cycle, segment: Segment) -> Cycle:
    """The cycle goes on with another segment; one that lasted no time is forgotten, unless it is the first."""
    before = now.segments[:-1] if len(now.segments) > 1 and now.segments[-1].since == segment.since else now.segments
    same = (before[-1].running, before[-1].owes) == (segment.running, segment.owes)
    return replace(now, segments=before if same else (*before, segment))
