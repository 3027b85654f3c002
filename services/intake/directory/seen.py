"""Which entries of the directory somebody sees: a hospital its own, an officer those of his districts. Pure."""

from typing import Any, Final

from chassis.token import Principal
from contracts.directory import EntryKind
from services.intake.api.sight import covers, there

Json = dict[str, Any]
_PLACE: Final = {
    "institution": "state.key", "contact": "state.facts.institution_code", "contract": "state.facts.institution_codes",
}  # fmt: skip
_NONE: Final[Json] = {"_id": None}


def among(kind: EntryKind, who: Principal) -> Json:
    """The entries that `who` sees, as a query for MongoDB."""
    if who.role == "hospital":
        return {_PLACE[kind]: {"$in": list(who.institutions)}} if kind in _PLACE else _NONE
    return {_PLACE[kind]: there(who)} if who.districts and kind in _PLACE else {}


def seen(entry: Json, who: Principal) -> Json:
    """A contract names of its institutions those that `who` may read about."""
    codes = entry.get("institution_codes")
    return entry if codes is None else {**entry, "institution_codes": [code for code in codes if covers(who, code)]}
