"""The pure core of sla: facts of a case come in any order, the clocks follow, differences are said."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from msgspec.structs import replace

from chassis.errors import NotFound, Refused
from chassis.message import Moment
from chassis.outgoing import Timer
from contracts.case import CaseEvent
from contracts.envelope import Event
from contracts.sla import CANARY, AcknowledgeClock, Clock, RebindClocks, SlaAcknowledged, StartCanary, TimerDue
from services.sla.book import Book
from services.sla.clock import ClockState, measure
from services.sla.contracts import Contracts
from services.sla.cycle import Cycle, Fact, cycles
from services.sla.facts import learned
from services.sla.model import Acknowledged, CaseClocks
from services.sla.policy import About
from services.sla.saying import about, differences


class Behind(Exception):
    """Another process knows a newer edition of the promises: read it, then try again."""


class SlaFold:
    """Folds with the book of promises; with the same book the same arguments give the same answer."""

    def __init__(self, book: Book, contracts: Contracts) -> None:
        self.book, self._contracts = book, contracts

    def __call__(self, state: CaseClocks | None, moment: Moment) -> tuple[CaseClocks, Sequence[Event]]:
        before = state or CaseClocks(moment.aggregate_id)
        body = moment.message.body
        if before.book and not self.book.knows(before.book):
            raise Behind(f"edition {before.book} is not known here yet")
        if isinstance(body, AcknowledgeClock):
            return self._acknowledge(before, moment, body)
        after = self._learn(before, moment)
        if after is before:
            return state, ()  # type: ignore[return-value]  # None where there is nothing to keep
        after = self.told(after)
        return after, list(differences(before, after, moment))

    def told(self, case: CaseClocks) -> CaseClocks:
        """The case with its clocks as its facts tell them: a function of what it has heard, and of the promises."""
        if not case.facts or case.facts[0].type != "opened":
            return case
        opened_at, ran = case.facts[0].at, cycles(case.facts)
        measured = tuple(clock for cycle in ran if (clock := self._measure(case, cycle, opened_at)))
        times = [clock.next_at for clock in measured if clock.next_at]
        starts = tuple(sorted({cycle.started_at for cycle in ran}))
        live = any(cycle.ended_at is None for cycle in ran)
        due = min((clock.due_at for clock in measured if clock.state == "running"), default=None)
        return replace(case, clocks=measured, next_at=min(times, default=None), due_at=due, starts=starts, live=live)

    def _measure(self, case: CaseClocks, cycle: Cycle, opened_at: datetime) -> ClockState | None:
        # What has ended is judged by what was promised then; what runs, by what is promised now.
        version = case.book if cycle.ended_at is None else self.book.version_at(cycle.ended_at)
        bound = self.book.bound(version, cycle.clock, cycle.about, opened_at)
        if bound is None:
            return None
        return measure(cycle, bound, case.seen_at, _is_acknowledged(case, cycle.clock, cycle.number))

    def _learn(self, case: CaseClocks, moment: Moment) -> CaseClocks:
        """Add what the message tells; the very same state when it tells nothing new."""
        body = moment.message.body
        if isinstance(body, TimerDue):
            # The broker's word that the time has come counts, even where our clock runs a little behind.
            case = _look(case, max(moment.now, body.at))
        elif isinstance(body, CaseEvent):
            case = learned(case, body, self._contracts)
        elif isinstance(body, StartCanary):
            started = Fact(1, "opened", moment.now, about=About(channel=CANARY))
            case = case if case.facts else replace(case, number=CANARY, facts=(started,))
        else:
            assert isinstance(body, RebindClocks)
        version = self.book.version
        return case if not case.facts or case.book == version else replace(case, book=version)

    def _acknowledge(
        self, case: CaseClocks, moment: Moment, command: AcknowledgeClock
    ) -> tuple[CaseClocks, Sequence[Event]]:
        clock = _latest(case.clocks, command)
        if clock.ended_at is not None:
            raise Refused("ended", "这个时限已经结束: 无需知悉")
        if _is_acknowledged(case, clock.clock, clock.cycle):
            return case, ()
        known = Acknowledged(clock.clock, clock.cycle, moment.now, moment.message.actor.id)
        case = self.told(replace(case, acknowledged=(*case.acknowledged, known)))
        return case, [moment.event(SlaAcknowledged, by=known.by, **about(case, clock))]


def timers(state: CaseClocks) -> list[Timer]:
    """One timer per running clock, for its next threshold."""
    return [
        Timer(
            "sla",
            f"{state.case_id}.{c.clock}.{c.cycle}.{c.next_threshold}",
            c.next_at,
            TimerDue(
                case_id=state.case_id, clock=c.clock, cycle=c.cycle, threshold=c.next_threshold or "", at=c.next_at
            ),
        )
        for c in state.clocks
        if c.next_at
    ]


def _look(case: CaseClocks, now: datetime) -> CaseClocks:
    if case.next_at is None or now < case.next_at or (case.seen_at and now <= case.seen_at):
        return case
    return replace(case, seen_at=now)


def _latest(clocks: Iterable[ClockState], command: AcknowledgeClock) -> ClockState:
    wanted = [c for c in clocks if c.clock == command.clock and command.cycle in (None, c.cycle)]
    if not wanted:
        raise NotFound("not_found", "工单没有这个时限: 请核对工单和时限")
    return wanted[-1]


def _is_acknowledged(case: CaseClocks, clock: Clock, cycle: int) -> bool:
    return any((a.clock, a.cycle) == (clock, cycle) for a in case.acknowledged)
