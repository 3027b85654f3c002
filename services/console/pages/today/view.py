"""What the first page says of what the services answered. Pure."""

from collections.abc import Iterable
from typing import Any, Final

Json = dict[str, Any]
_DUE: Final = ("overdue", "open")


def duties(obligations: Iterable[Json]) -> list[Json]:
    """What is still to be done, overdue ones first, then by the day; `share` of its items are done."""
    open_ = [{**o, "share": _share(o["counts"])} for o in obligations if o["state"] in _DUE]
    return sorted(open_, key=lambda o: (_DUE.index(o["state"]), o["due_at"]))


def _share(counts: Json) -> float:
    total = sum(counts.values())
    return (total - counts["open"]) / total if total else 0.0


def versions(definitions: Iterable[Json], status: str) -> list[Json]:
    """Versions of definitions that stand there, with their report."""
    return [
        {**version, "report": one["report"]}
        for one in definitions
        for version in one["versions"]
        if version["status"] == status
    ]


def awaited(cases: Iterable[Json]) -> list[Json]:
    """A hospital's own: those that wait for it first, each part in the order that it has."""
    return sorted(cases, key=lambda case: not (case["owes"] == "requester" or case["status"] == "resolved"))


def by_role(roles: Iterable[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for role in roles:
        counts[role] = counts.get(role, 0) + 1
    return counts
