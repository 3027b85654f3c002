"""A case's clocks as its hospital sees them: what is promised and what became of it, not how the desk works. Pure."""

from typing import Any, Final

Json = dict[str, Any]
_CLOCK: Final = ("clock", "cycle", "started_at", "due_at", "within_s", "state", "ended_at", "breached")
_THEIRS: Final = ("requester", "institution")


def outward_row(row: Json) -> Json:
    """Without who has the case, and without the desk's own words."""
    return _of(row, "case_id", "number", *_CLOCK)


def outward_account(account: Json) -> Json:
    """Its spans say when the clock stood still and whether the hospital was waited for; reasons are for colleagues."""
    spans = [{**s, "owes": s["owes"] if s["owes"] in _THEIRS else "", "reason": ""} for s in account["spans"]]
    return {**_of(account, "wall_s", "counted_s", "left_s"), "clock": _of(account["clock"], *_CLOCK), "spans": spans}


def _of(facts: Json, *names: str) -> Json:
    return {name: facts[name] for name in names}
