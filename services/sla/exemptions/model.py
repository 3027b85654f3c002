"""One exemption: which time, for which cycles, and everything that was decided about it."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from contracts.exemption import Ground, Scope
from contracts.sla import Clock

Standing = Literal["requested", "approved", "rejected", "revoked"]
NAMES: dict[Standing, str] = {"requested": "待批", "approved": "已批准", "rejected": "已驳回", "revoked": "已撤销"}


class Wanted(msgspec.Struct, frozen=True, omit_defaults=True):
    """See `contracts.exemption.Scope`: an empty list leaves nothing out."""

    contracts: tuple[str, ...] = ()
    institutions: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    clocks: tuple[Clock, ...] = ()
    case_ids: tuple[UUID, ...] = ()


class Decision(msgspec.Struct, frozen=True, omit_defaults=True):
    """Somebody decided at `at`, the time at which it was written down."""

    standing: Standing
    at: datetime
    by: str
    reason: str = ""


class Exemption(msgspec.Struct, frozen=True, omit_defaults=True):
    """`decisions` begin with the request itself; the last one holds."""

    id: UUID
    ground: Ground
    text: str
    begins: datetime
    ends: datetime
    wanted: Wanted
    decisions: tuple[Decision, ...]

    @property
    def standing(self) -> Standing:
        return self.decisions[-1].standing

    @property
    def requester(self) -> str:
        return self.decisions[0].by

    @property
    def approver(self) -> str:
        """Empty where nobody has approved it."""
        return next((d.by for d in self.decisions if d.standing == "approved"), "")

    def holds(self, as_of: datetime) -> bool:
        """Whether it was approved then, and not revoked yet: what was decided later does not count."""
        known = [d for d in self.decisions if d.at <= as_of]
        return bool(known) and known[-1].standing == "approved"


def wanted(scope: Scope) -> Wanted:
    return Wanted(scope.contracts, scope.institutions, scope.categories, scope.clocks, scope.case_ids)
