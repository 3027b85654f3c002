"""What stands on the wall. Pure."""

from collections.abc import Iterable, Sequence
from typing import Any

Json = dict[str, Any]


def first_of_each(clocks: Iterable[Json]) -> list[Json]:
    """Of each case the clock that ends first; they come in that order."""
    first: dict[str, Json] = {}
    for clock in clocks:
        first.setdefault(clock["case_id"], clock)
    return list(first.values())


def rows(clocks: Sequence[Json], cases: Iterable[Json]) -> list[Json]:
    """The cases in the order of their deadlines; one that ended meanwhile is left out."""
    known = {case["id"]: case for case in cases}
    return [{**known[clock["case_id"]], "clock": clock} for clock in clocks if clock["case_id"] in known]
