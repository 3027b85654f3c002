"""Who may read what (读者范围). Pure: searches, suggestions, counts and single articles all ask here.

Engineers read everything. The centre reads what is for it and for all hospitals. A hospital reads what is for all
hospitals, and its own archive. Nobody else reads a hospital's archive, the centre included: it is that hospital's.
Without a word about who asks, it is a reader with the least rights.
"""

import re
from typing import Any

from litestar import Request
from litestar.exceptions import HTTPException

from contracts.knowledge import Audience

ENGINEERS, CENTRE, HOSPITALS = "engineers", "centre", "hospitals"
_ONE = re.compile(r"hospital:([A-Za-z0-9]{1,40})")
HEADER = "X-Yibao-Viewer"


class Viewer:
    """A reader: `engineers`, `centre`, `hospitals` (some hospital, which one is not known) or `hospital:<code>`."""

    __slots__ = ("audiences", "is_engineer", "name")

    def __init__(self, name: str) -> None:
        """Raises ValueError for a name of another form."""
        if name not in (ENGINEERS, CENTRE, HOSPITALS) and not _ONE.fullmatch(name):
            raise ValueError(name)
        self.name = name
        self.is_engineer = name == ENGINEERS
        reads = _READS.get(name, (name, HOSPITALS))
        self.audiences: frozenset[str] | None = None if self.is_engineer else frozenset(reads)
        """Those whose articles this reader sees; None is all."""

    def may_read(self, audience: Audience) -> bool:
        return self.audiences is None or audience in self.audiences


_READS = {CENTRE: (CENTRE, HOSPITALS), HOSPITALS: (HOSPITALS,)}


def viewer_of(request: Request[Any, Any, Any]) -> Viewer:
    """From `X-Yibao-Viewer`; who names a member of staff (`X-Yibao-Staff`) and nothing else is an engineer."""
    name = request.headers.get(HEADER, "").strip()
    if not name:
        return Viewer(ENGINEERS if request.headers.get("X-Yibao-Staff", "").strip() else HOSPITALS)
    try:
        return Viewer(name)
    except ValueError:
        told = f"请求头 {HEADER} 应为 engineers (工程师)、centre (中心)、hospitals (医院) 或 hospital:<机构编码>"
        raise HTTPException(status_code=400, detail=told) from None
