"""Who sees which rows (行级权限). Pure: lists, reports, files and reconciliations all ask here.

Engineers, auditors and the centre see everything; a hospital sees the rows of its institutions, an officer with
districts those of his area. Nobody else sees any.
"""

from typing import Final

import msgspec

from chassis.access import Connection, principal_of
from chassis.token import Principal
from services.stats.report import Scope

_ALL: Final = Scope()


class Viewer(msgspec.Struct, frozen=True):
    """`is_staff`: of the desk or of the whole centre, who answer for what is counted."""

    scope: Scope
    is_staff: bool = False

    def may_see(self, institution: str, district: str = "") -> bool:
        """Whether rows of this institution are this viewer's; `district` is where the institution is, if known."""
        institutions, districts = self.scope.institutions, self.scope.districts
        mine = institutions is None or institution in institutions
        return mine and (districts is None or any(district.startswith(d) for d in districts))


def viewer(who: Principal) -> Viewer:
    """As whom his role lets him look."""
    match who.role:
        case "hospital":
            return Viewer(Scope(institutions=who.institutions))
        case "officer" if who.districts:
            return Viewer(Scope(districts=who.districts))
        case "engineer" | "lead" | "auditor" | "officer":
            return Viewer(_ALL, is_staff=True)
    return Viewer(Scope(institutions=(), districts=()))


def viewer_of(connection: Connection) -> Viewer:
    """Whoever asks. Raises 401 without a token."""
    return viewer(principal_of(connection))
