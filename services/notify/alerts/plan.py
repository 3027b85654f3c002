"""Who is told how: an alert's audiences become decisions about people, from what is known in memory. Pure.

What people prefer is obeyed unless the rule must deliver; a silence outweighs both. The desk's limit holds for
everybody, and what is over it becomes a line of a digest.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from contracts.notify import URGENCIES, Urgency
from contracts.setting import AlertRule, Silence
from services.notify.people.picture import People
from services.notify.people.quiet import Hours, digest_due, quiet_until
from services.notify.rules.words import minute

WINDOW = timedelta(minutes=10)
GATHERING = timedelta(minutes=5)
"""What is over a limit goes out as one digest at the end of these minutes: two in each window of the limit."""
DIGESTS = WINDOW // GATHERING
Why = Literal["storm", "quiet", "digest"]


class Decision(NamedTuple):
    """What to do for one recipient: hand over by the first of `ways`, gather until `due_at`, or nothing (`silence`)."""

    recipient: str
    ways: tuple[str, ...]
    why: Why | None = None
    due_at: datetime | None = None
    silence: str = ""

    @property
    def goes_now(self) -> bool:
        return self.why is None and not self.silence


class Plan(NamedTuple):
    """`inboxes` are the audiences whose inbox shows it; `places` how many messages a recipient has had in this window
    of his limit, this one counted; `silence` is the one that holds now.
    """

    inboxes: tuple[str, ...] = ()
    decisions: tuple[Decision, ...] = ()
    places: Mapping[str, int] = {}
    silence: Silence | None = None
    must: bool = False


class Planner:
    """Answers from `people`; `providers` are the configured ones with their kinds, `hours` the business calendars."""

    def __init__(
        self, people: People, providers: Mapping[str, str], hours: Callable[[str], Hours | None], at_most: int
    ) -> None:
        self.people, self.providers, self._hours, self._at_most = people, providers, hours, at_most

    def plan(
        self, rule: AlertRule, urgency: Urgency, labels: Mapping[str, str], audiences: Sequence[str], now: datetime,
        only: str = "", subscribers: bool = True,
    ) -> Plan:  # fmt: skip
        """For these audiences, and those who have subscribed to such alerts. `only` tries one provider out."""
        besides = labels.get("assignee")
        inboxes = _unique(i for a in audiences for i in self.people.inboxes(a, now, besides))
        silence = self.people.silenced(labels, now)
        if not rule.external or not self.providers:
            return Plan(inboxes, silence=silence)
        reached = [r for a in audiences for r in self.people.reached(a, now, besides)]
        if subscribers and rule.on and not only:  # a notice is for those whom it names, and for nobody else
            reached += self.people.subscribers(labels, urgency, rule.name)
        found = (self._decide(r, rule, urgency, now, only, silence) for r in _unique(reached))
        return Plan(inboxes, tuple(d for d in found if d is not None), silence=silence, must=rule.must_deliver)

    def _decide(
        self, recipient: str, rule: AlertRule, urgency: Urgency, now: datetime, only: str, silence: Silence | None
    ) -> Decision | None:
        """None for somebody who has nothing but the inbox."""
        ways = self.people.endpoints(recipient, "urgent" if rule.must_deliver or only else urgency, self.providers)
        ways = tuple(way for way in ways if only in ("", way))
        if not ways:
            return None
        if silence is not None:
            return Decision(recipient, ways, silence=f"静默至 {minute(silence.ends)}: {silence.reason}")
        if rule.must_deliver or only:
            return Decision(recipient, ways)
        why, due_at = self._put_off(recipient, urgency, now)
        return Decision(recipient, ways, why, due_at)

    def _put_off(self, recipient: str, urgency: Urgency, now: datetime) -> tuple[Why | None, datetime | None]:
        wishes = self.people.recipient(recipient)
        if wishes is None:
            return None, None
        if wishes.digest is not None and URGENCIES.index(urgency) >= URGENCIES.index(wishes.digest):
            return "digest", digest_due(wishes, now)
        until = quiet_until(wishes.quiet, now, self._hours) if wishes.quiet else None
        return ("quiet", until) if until else (None, None)

    def digest_ways(self, recipient: str, urgency: Urgency) -> tuple[str, ...]:
        """How a digest goes out that is as urgent as the gravest of its lines; rather by any way than not at all."""
        ways = self.people.endpoints(recipient, urgency, self.providers)
        return ways or self.people.endpoints(recipient, "urgent", self.providers)

    def is_over(self, recipient: str, place: int, must: bool) -> bool:
        """Whether a message in this place of the window is too many: the digests need their places, too. A personal
        limit that is lower than the desk's does not hold for what must be delivered.
        """
        wished = self.people.limit(recipient) or self._at_most
        limit = max(wished, self._at_most) if must else wished
        return place > limit - DIGESTS


def window_of(now: datetime) -> int:
    """The number of the window of limits in which `now` lies."""
    return int(now.timestamp() // WINDOW.total_seconds())


def gathered_until(now: datetime) -> datetime:
    """When the digest of what is over a limit at `now` goes out."""
    seconds = GATHERING.total_seconds()
    return datetime.fromtimestamp((now.timestamp() // seconds + 1) * seconds, now.tzinfo)


def _unique(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


def over(plan: Plan, planner: Planner) -> Iterator[str]:
    """The recipients of `plan` for whom this is one too many."""
    return (r for r, place in plan.places.items() if planner.is_over(r, place, plan.must))
