"""Exemptions in the words that staff read: on the sheets and in the API's answers."""

from typing import Final

from contracts.sla import CLOCK_NAMES
from services.sla.exemptions.model import Exemption

MOST_NAMED: Final = 20  # a cell of a workbook holds 32,767 characters; the API tells all
EVERYTHING: Final = "全部"


def covered(exemption: Exemption) -> str:
    """Which cycles it is about."""
    wanted = exemption.wanted
    clocks = tuple(CLOCK_NAMES[clock] for clock in wanted.clocks)
    parts = (
        ("合同", wanted.contracts), ("机构", wanted.institutions), ("类别", wanted.categories), ("时限", clocks),
        ("工单", tuple(map(str, wanted.case_ids))),
    )  # fmt: skip
    return "；".join(f"{name} {_listed(some)}" for name, some in parts if some) or EVERYTHING


def _listed(some: tuple[str, ...]) -> str:
    rest = f"等 {len(some)} 个" if len(some) > MOST_NAMED else ""
    return "、".join(some[:MOST_NAMED]) + rest
