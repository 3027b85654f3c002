"""Who may read what (读者范围). Pure: searches, suggestions, counts and single articles all ask here.

Engineers and auditors read everything. The centre reads what is for it and for all hospitals. A hospital reads what is
for all hospitals, and its own archive. Nobody else reads a hospital's archive, the centre included: it is that
hospital's.
"""

import re
from typing import Final

from chassis.access import DESK, Connection, Roles, principal_of
from contracts.knowledge import Audience

ENGINEERS, CENTRE, HOSPITALS = "engineers", "centre", "hospitals"
INSIDE: Final[Roles] = DESK | {"auditor"}
"""Who reads everything, drafts included."""
_ONE = re.compile(r"hospital:([A-Za-z0-9]{1,40})")


class Viewer:
    """A reader: `engineers`, `centre`, `hospitals` (none of them in particular), or one or more `hospital:<code>`."""

    __slots__ = ("audiences", "is_engineer")

    def __init__(self, *names: str) -> None:
        """Raises ValueError for a name of another form."""
        if wrong := [n for n in names if n not in (ENGINEERS, CENTRE, HOSPITALS) and not _ONE.fullmatch(n)]:
            raise ValueError(wrong[0])
        self.is_engineer = ENGINEERS in names
        self.audiences: frozenset[str] | None = None if self.is_engineer else frozenset((*names, HOSPITALS))
        """Those whose articles this reader sees; None is all."""

    def may_read(self, audience: Audience) -> bool:
        return self.audiences is None or audience in self.audiences


def viewer_of(connection: Connection) -> Viewer:
    """Whoever asks, as what he reads. Raises 401 without a token."""
    who = principal_of(connection)
    if who.role in INSIDE:
        return Viewer(ENGINEERS)
    return Viewer(CENTRE) if who.role == "officer" else Viewer(*(f"hospital:{code}" for code in who.institutions))
