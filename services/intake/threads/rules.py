"""Which case a message belongs to: the rules of threading, pure, each with the reason that the case will show.

A conversation is cut into cases by time and by what is said, not by order of arrival: within `Rules.window` the same
messages end in the same cases whatever order they come in. Only a late marker finds messages of its own in an older
case; the new case then claims them (`Choice.claims`).
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from contracts.case import Why
from contracts.channel import answer_code
from services.intake.model import Case, Status
from services.intake.text.quoted import said as without_quote

# 明确标记: a new question, whatever was talked about before.
MARKER = re.compile(r"\s*[#＃]\s*新(?:的?问题|工单|事项|咨询)")
THANKS = re.compile(
    r"(好的|收到|明白|知道|谢谢|多谢|感谢|辛苦|老师|领导|各位|大家|工程师|了|您|你|啊|呀|哈|ok|OK|👍|🙏|[\s,，。.!！~～])+"
)
ENDED: tuple[Status, ...] = ("resolved", "closed")
PATIENT: tuple[Status, ...] = ("waiting", "escalated")


def is_thanks(text: str) -> bool:
    """Words that ask for nothing: thanks, and the code by which somebody takes on an alert."""
    return bool(THANKS.fullmatch(without_quote(text))) or answer_code(text) is not None


class Rules(NamedTuple):
    """`idle` is the silence that ends a topic, `grace` how long after its end a case is taken up again; `window` the
    time in which nothing but a marker or a quote parts messages."""

    idle: timedelta = timedelta(hours=24)
    grace: timedelta = timedelta(hours=24)
    window: timedelta = timedelta(minutes=10)
    answered: timedelta = timedelta(hours=1)


class Said(NamedTuple):
    """A message as threading sees it. `about` reads out (infno, category or None) and is asked only when needed."""

    at: datetime
    requester: UUID
    text: str
    about: Callable[[], tuple[str | None, str | None]]
    quotes: UUID | None = None
    staff: bool = False
    group: bool = False


@dataclass(slots=True)
class Thread:
    """A case that a conversation's next message may join, moved on by the messages that are on their way to it."""

    id: UUID
    requester: UUID
    first_at: datetime
    last_at: datetime
    status: Status
    marked: bool
    ended_at: datetime | None
    infno: str | None
    category: str | None
    answered: bool
    full: bool = False
    announced: bool = False

    @classmethod
    def of(cls, id_: UUID, case: Case) -> "Thread":
        return cls(
            id_, case.requester, case.opened_at, case.heard_at or case.touched_at, case.status, case.marked,
            case.ended_at, case.found.infno, case.category, case.responded_at is not None, case.is_full,
            case.announced,
        )  # fmt: skip

    def hear(self, at: datetime) -> None:
        self.first_at, self.last_at = min(self.first_at, at), max(self.last_at, at)

    def away(self, at: datetime) -> timedelta:
        """How far from the case's time a message is."""
        return max(self.first_at - at, at - self.last_at, timedelta())


class Choice(NamedTuple):
    """`thread` None opens a new case, which goes on from `follows`."""

    thread: Thread | None
    why: Why
    follows: UUID | None = None
    claims: tuple[UUID, ...] = ()


def alone(text: str, staff: bool) -> Choice:
    """The choice where the conversation has no case yet: as `choose` says of most messages, in a tenth of the time."""
    return Choice(None, "staff" if staff else "marker" if MARKER.match(text) else "first")


def choose(said: Said, threads: Sequence[Thread], quoted: Thread | None, rules: Rules) -> Choice:
    """The case that a message belongs to, among `threads` of its conversation; `quoted` holds what it answers to."""
    if said.staff:
        return _of_staff(quoted, threads)
    threads = [t for t in threads if not t.announced]
    if quoted is not None and not quoted.announced:
        return _join(said, quoted, rules, "quote")
    mine = [t for t in threads if t.requester == said.requester or not said.group]
    if MARKER.match(said.text):
        later = [t.id for t in mine if t.last_at > said.at and not (t.marked and t.first_at >= said.at)]
        return Choice(None, "marker", claims=tuple(later))
    since = max((t.first_at for t in mine if t.marked and t.first_at <= said.at), default=None)
    eligible = [t for t in mine if (since is None or t.first_at >= since) and not (t.marked and said.at < t.first_at)]
    if not eligible:
        return Choice(None, "first")
    best = min(eligible, key=lambda t: (t.full, t.status in ENDED, t.away(said.at), -t.first_at.timestamp()))
    return _join(said, best, rules, "open")


def _of_staff(quoted: Thread | None, threads: Sequence[Thread]) -> Choice:
    """A colleague in the group answers whoever spoke last, unless he quotes."""
    if quoted is not None and not quoted.full:
        return Choice(quoted, "staff")
    listening = [t for t in threads if not t.full and (t.announced or t.status not in ENDED)]
    return Choice(max(listening, key=lambda t: (not t.announced, t.last_at), default=None), "staff")


def _join(said: Said, thread: Thread, rules: Rules, why: Why) -> Choice:
    if thread.full:
        return Choice(None, "full", thread.id)
    if thread.status in ENDED:
        return _after_the_end(said, thread, rules)
    if why == "quote":
        return Choice(thread, why)
    away = thread.away(said.at)
    if away > rules.idle and thread.status not in PATIENT:
        return Choice(None, "idle", thread.id)
    if away >= rules.window and _changes_topic(said, thread, away, rules):
        return Choice(None, "topic", thread.id)
    return Choice(thread, why)


def _after_the_end(said: Said, thread: Thread, rules: Rules) -> Choice:
    if is_thanks(said.text):
        return Choice(thread, "thanks")
    since = said.at - (thread.ended_at or thread.last_at)
    return Choice(thread, "grace") if since <= rules.grace else Choice(None, "follow_up", thread.id)


def _changes_topic(said: Said, thread: Thread, away: timedelta, rules: Rules) -> bool:
    infno, category = said.about()
    if infno and thread.infno and infno != thread.infno:
        return True
    return (
        away >= rules.answered
        and thread.answered
        and category is not None
        and category != thread.category
        and len(said.text) >= 15
    )
