"""What an item of an obligation has come to, by everything that was heard of it."""

from collections.abc import Iterator
from datetime import datetime

from msgspec.structs import replace

from contracts.obligation import ItemState
from services.sla.obligations.model import Decision, Evidence, Item, Plan, Point


def settled(item: Item, plan: Plan) -> Item:
    """The item with what follows from everything heard about it."""
    state: ItemState = "open"
    since, counts = None, (0, 0)
    for at, becomes, *reported in course(item, plan):
        counts = reported[0], reported[1]
        if becomes != state:
            state, since = becomes, None if becomes == "open" else at
    done, of = counts
    if plan.least:
        done, of = len(item.evidence), plan.least
    return replace(item, state=state, since=since, done=done, of=of)


def course(item: Item, plan: Plan) -> Iterator[tuple[datetime, ItemState, int, int]]:
    """Its state, and `done` and `of` as reported, after each thing that was heard of it."""
    state: ItemState = "open"
    explicit, done, of, pieces = False, 0, 0, 0
    for at, _, what in _story(item):
        if isinstance(what, Decision):
            state, explicit = what.state, what.state != "open"
        elif isinstance(what, Point):
            done, of = what.done, what.of
            if plan.by_progress and not explicit:
                state = "done" if 0 < of <= done else "open"
        else:
            pieces += 1
            if plan.least and not explicit and pieces >= plan.least:
                state = "done"
        yield at, state, done, of


def _story(item: Item) -> list[tuple[datetime, int, Decision | Point | Evidence]]:
    """All that was heard in order of time; at the same moment a report or a piece comes before a word."""
    heard: list[tuple[datetime, int, Decision | Point | Evidence]] = [(p.at, 0, p) for p in item.points]
    heard += [(e.at, 1, e) for e in item.evidence]
    heard += [(d.at, 2, d) for d in item.decisions]
    return sorted(heard, key=lambda one: one[:2])
