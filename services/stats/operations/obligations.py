"""Items of obligations (服务义务), from the OBLIGATION stream: the part of an institution, a contract or the desk."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from services.stats.operations.told import Planned, Row, Told, district, in_order, local

_DECIDED = {"obligation.fulfilled": "done", "obligation.waived": "waived", "obligation.reopened": "open"}


class Obligations:
    """Hears events in any order, and twice."""

    def __init__(self) -> None:
        self._told: dict[str, list[Told]] = defaultdict(list)

    def hear(self, told: Told) -> None:
        self._told[told.obligation_id].append(told)

    def rows(self, until: datetime) -> Iterator[Row]:
        """Rows of desk_obligation as of `until`, in local time: what is open and was due by then is late."""
        for id_ in sorted(self._told):
            told = in_order(self._told[id_])
            if told[0].type == "obligation.opened":
                yield from occurrence(id_, told, until)


def occurrence(id_: str, told: Sequence[Told], until: datetime) -> Iterator[Row]:
    """A row for each item that it has in the end."""
    first, last = told[0], told[-1]
    plan = next((t.plan for t in reversed(told) if t.plan is not None), None)
    assert last.due_at is not None
    due = local(last.due_at)
    for key in _keys(plan, first):
        state, since, done, of, pieces = course(key, told, plan or Planned(by_progress=True))
        code = key if district(key) and key[0] in "HP" else None
        yield {
            "obligation_id": id_, "item": key, "definition": first.definition, "holder": first.holder,
            "period": first.period, "fixmedins_code": code, "fix_blng_admdvs": district(code),
            "opened_on": local(first.occurred_at).date(), "due_at": due, "due_on": due.date(), "state": state,
            "done_at": since, "done_cnt": done, "of_cnt": of, "evidence_cnt": pieces,
            "outcome": _outcome(state, since, due, until),
        }  # fmt: skip


def course(key: str, told: Sequence[Told], plan: Planned) -> tuple[str, datetime | None, int, int, int]:
    """State of an item, since when, what was reported (done, of) and its pieces of evidence.

    A word of staff outweighs reports and evidence until it is reopened.
    """
    state, since, done, of, pieces, word = "open", None, 0, 0, 0, False
    for at, _, one in sorted((local(t.occurred_at), t.type in _DECIDED, n) for n, t in enumerate(told)):
        event, before = told[one], state
        if (decided := _DECIDED.get(event.type)) is not None and key in event.items:
            state, word = decided, decided != "open"
        elif event.type == "obligation.progressed" and (point := _reported(event, key)) is not None:
            done, of = point
            state = state if word or not plan.by_progress else "done" if 0 < of <= done else "open"
        elif event.type == "obligation.evidence_added" and event.item == key:
            pieces += 1
            state = "done" if plan.least and not word and pieces >= plan.least else state
        if state != before:
            since = None if state == "open" else at
    return state, since, *((pieces, plan.least) if plan.least else (done, of)), pieces


def _reported(event: Told, key: str) -> tuple[int, int] | None:
    return next(((item["done"], item["of"]) for item in event.items if item["key"] == key), None)


def _keys(plan: Planned | None, first: Told) -> list[str]:
    if plan is None:
        return sorted({str(key) for key in first.items})
    return sorted({_key(item) for item in plan.items})


def _key(item: Mapping[str, Any]) -> str:
    return str(item["key"])


def _outcome(state: str, since: datetime | None, due: datetime, until: datetime) -> str:
    if state == "waived":
        return "exempted"
    if state == "done" and since is not None:
        return "kept" if since <= due else "late"
    return "late" if due <= until else "open"
