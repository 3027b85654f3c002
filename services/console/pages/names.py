"""Names of institutions and of the desk's staff, for pages that have their codes; asked for once a minute.

They are kept for each scope apart: a hospital is not told others', an officer those of his districts.
"""

from collections.abc import Mapping
from time import monotonic
from typing import Final, Literal

from chassis.token import Principal
from services.console.asking import Answered, Asker

Kind = Literal["institution", "staff"]
Scope = tuple[Kind, str, tuple[str, ...], tuple[str, ...]]
_FRESH_S: Final = 60.0
_MOST: Final = 1_000
_known: dict[Scope, tuple[float, Mapping[str, str]]] = {}


async def names(desk: Asker, kind: Kind) -> Mapping[str, str]:
    """By code or account; without names where the directory does not answer, or is not his to read."""
    if kind == "staff" and desk.who.role == "hospital":
        return {}  # whom the desk employs is not told to hospitals: there is nothing to ask for
    at, found = _known.get(scope := _scope(kind, desk.who), (-_FRESH_S, {}))
    if monotonic() - at < _FRESH_S:
        return found
    try:
        rows = await desk.get("intake", f"/directory/{kind}", limit=_MOST)
    except Answered:
        return found
    if found := {row["key"]: row["name"] or row["key"] for row in rows}:
        _known[scope] = monotonic(), found
    return found


def _scope(kind: Kind, who: Principal) -> Scope:
    return kind, who.role, who.institutions, who.districts
