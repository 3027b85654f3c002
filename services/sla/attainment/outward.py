"""Attainment as a hospital sees it: of the cases that it asked, what was promised to it and what became of that; not
whom the case is about in the desk's eyes, nor how the desk works. As `services.sla.outward` does for clocks. Pure.
"""

from collections.abc import Iterable
from typing import Final

from msgspec.structs import replace

from chassis.errors import Refused
from chassis.rows import sees
from chassis.token import Principal
from services.sla.attainment.row import Row

INWARD: Final = ("category", "priority", "engineer", "policy", "edition")
"""What cycles are neither filtered nor grouped by for a hospital."""


class ForColleagues(Refused):
    """A question whose answer would tell what only the desk knows."""

    status = 400


def seen_by(who: Principal | None, row: Row, asked_from: str | None) -> Row | None:
    """A row of a case that `asked_from` asked, as he may see it; None if he may not."""
    if who is None:
        return row
    if who.role == "hospital":
        return outward(row, asked_from) if sees(who, asked_from) else None
    return row if sees(who, row.institution) else None


def outward(row: Row, asked_from: str | None) -> Row:
    """A case that it asked about another institution stands under its own name, and under no contract."""
    contract = row.contract if row.institution == asked_from else None
    desk: dict[str, None] = dict.fromkeys(("category", "priority", "engineer"))
    words = dict.fromkeys(("policy", "edition", "calendar"), "")
    return replace(row, institution=asked_from, contract=contract, **desk, **words)


def check_names(who: Principal | None, names: Iterable[str]) -> None:
    """Whether he may filter and group by these. Raises ForColleagues."""
    if who is not None and who.role == "hospital" and (inward := [name for name in names if name in INWARD]):
        said = f"医院账号不能按 {', '.join(inward)} 筛选或分组: 请去掉这些条件"
        raise ForColleagues("not_for_hospitals", said)
