"""Whose inbox somebody reads: his own. Who answers for what was delivered (a lead, an auditor) reads any. Pure."""

from collections.abc import Collection, Sequence
from typing import Final

from chassis.errors import NotFound
from chassis.token import Principal
from contracts.identity import Role
from services.notify.rules.audiences import DESK, LEAD

_ROLES: Final[dict[Role, tuple[str, ...]]] = {"engineer": (DESK,), "lead": (DESK, LEAD)}
OVERSEERS: Final[frozenset[Role]] = frozenset({"lead", "auditor"})


def own(who: Principal) -> tuple[str, ...]:
    """The audiences that somebody is of: himself, the desk and the lead by his role, a hospital's institutions."""
    institutions = who.institutions if who.role == "hospital" else ()
    return (*_ROLES.get(who.role, ()), f"staff:{who.account}", *(f"institution:{code}" for code in institutions))


def may_open(who: Principal, audiences: Collection[str]) -> bool:
    """Whether an alert for these audiences is one that he may know of."""
    return who.role in OVERSEERS or not set(own(who)).isdisjoint(audiences)


def chosen(who: Principal, wanted: Sequence[str] | None) -> list[str]:
    """The audiences that he asks for, all of his own without any. Raises NotFound for others'."""
    mine = own(who)
    if who.role not in OVERSEERS and not set(wanted or ()) <= set(mine):
        raise NotFound("not_found", "没有这个收件箱: 只能查看本人的, 请去掉 audience 参数")
    return list(wanted or mine)
