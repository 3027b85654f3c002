"""Whose clocks somebody sees, as intake shows him the cases: a hospital those of cases that it asked, an officer those
of cases that were asked in his districts or are about them, the desk all. Pure.
"""

from typing import Any, Final

from chassis.rows import rows_of, sees_all
from chassis.token import Principal

ASKED: Final = "state.asked_from"
_ABOUT: Final = "state.facts.about.institution"


def mine(who: Principal) -> dict[str, Any]:
    """The cases of MongoDB's that he sees; of one case `chassis.rows.sees_case` says the same."""
    if sees_all(who):
        return {}
    wanted = rows_of(who)
    if who.role == "hospital":
        return {ASKED: wanted}
    last = {"$expr": {"$regexMatch": {"input": {"$last": f"${_ABOUT}"}, "regex": wanted["$regex"]}}}
    return {"$or": [{ASKED: wanted}, {_ABOUT: wanted, **last}]}
