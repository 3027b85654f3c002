"""Which cases somebody sees: a hospital those that it asked, an officer those of his districts, the desk all. Pure.

Lists, counts, search, files and commands all ask here. What is not seen does not exist for them: 404, never 403.
"""

import re
from typing import Any

from chassis.token import Principal
from services.intake.model import Case

Query = dict[str, Any]
_LONGEST, _MOST_WORDS = 200, 8


def sight(who: Principal) -> Query:
    """The cases that `who` sees, as a query for MongoDB."""
    if who.role == "hospital":
        return {"state.asked_from": {"$in": list(who.institutions)}}
    if who.districts:
        # As ranges: MongoDB 6 looks through all cases for patterns that few of them fit.
        ranges = [{"$gte": place, "$lt": f"{place}~"} for place in _codes(who)]
        return {"$or": [{f"state.{name}": one} for name in ("asked_from", "institution_code") for one in ranges]}
    return {}


def in_words(text: str) -> list[Query]:
    """A hospital's search: every word, in what its own people said or in a number.

    The index of full text also holds what only the desk may read, and would tell by its hits what is in there.
    """
    own = {"asked_from": {"$exists": False}, "staff": {"$exists": False}}
    patterns = [{"$regex": re.escape(word), "$options": "i"} for word in text[:_LONGEST].split()[:_MOST_WORDS]]
    return [
        {"$or": [{"state.lines": {"$elemMatch": {**own, "text": pattern}}}, {"state.number": pattern}]}
        for pattern in patterns
    ]


def there(who: Principal) -> Query:
    """The institutions in the districts of an officer, also where a field has a list of them."""
    return {"$in": [re.compile(f"^{re.escape(code)}") for code in _codes(who)]}


def seen_by(case: Case, who: Principal) -> bool:
    """The same of one case."""
    if who.role == "hospital":
        return case.asked_from in who.institutions
    return covers(who, case.asked_from) or covers(who, case.institution_code)


def covers(who: Principal, institution: str | None) -> bool:
    """Whether `who` may read about an institution."""
    if who.role == "hospital":
        return institution in who.institutions
    return not who.districts or (institution or "").startswith(_codes(who))


def _codes(who: Principal) -> tuple[str, ...]:
    """How they begin: an institution's code is H or P, its division, a number."""
    return tuple(kind + district for district in who.districts for kind in "HP")
