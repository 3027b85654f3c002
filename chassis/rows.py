"""Whose rows somebody sees (行级权限): a hospital its institutions', an officer with districts what lies in them. Pure.

An institution's code says where it is: a letter, the six digits of its division, a serial. What is not known to be of
an institution is nobody's of these two.
"""

from re import escape
from typing import Any

from chassis.token import Principal


def sees_all(who: Principal) -> bool:
    """Whether no row is hidden from him; what his role may do is another matter."""
    return who.role != "hospital" and not (who.role == "officer" and who.districts)


def sees(who: Principal, institution: str | None) -> bool:
    """Whether rows of this institution are his to see."""
    if sees_all(who):
        return True
    if who.role == "hospital":
        return institution in who.institutions
    return bool(institution) and (institution or "")[1:].startswith(who.districts)


def sees_case(who: Principal, asked_from: str | None, about: str | None) -> bool:
    """Whether a case is his: a hospital's are those that it asked, an officer's also those about his districts."""
    return sees(who, asked_from) or (who.role != "hospital" and sees(who, about))


def rows_of(who: Principal) -> dict[str, Any]:
    """What MongoDB compares a field with codes of institutions with, for who does not see all."""
    if who.role == "hospital":
        return {"$in": list(who.institutions)}
    return {"$regex": f"^[A-Z](?:{'|'.join(map(escape, who.districts))})"}
