"""Who sees which rows (行级权限). Pure: lists, reports, files and reconciliations all ask here.

Engineers and the centre see everything; a hospital sees its own rows, a district those of its area. Without a word
about who asks, nothing is seen.
"""

import re
from typing import Any, Final

import msgspec
from litestar import Request
from litestar.exceptions import HTTPException

from services.stats.report import Scope

HEADER: Final = "X-Yibao-Viewer"
ENGINEERS: Final = "engineers"
CENTRE: Final = "centre"
NOBODY: Final = "nobody"
_HOSPITAL = re.compile(r"hospital:([A-Za-z0-9]{1,40})")
_DISTRICT = re.compile(r"district:(\d{2,6})")
_ALL, _NONE = Scope(), Scope(institutions=(), districts=())


class Viewer(msgspec.Struct, frozen=True):
    """`name` is `engineers`, `centre`, `hospital:<code>`, `district:<code>` or `nobody`; see `viewer`."""

    name: str
    scope: Scope

    @property
    def is_staff(self) -> bool:
        """Of the desk or of the centre: who answers for what is counted."""
        return self.name in (ENGINEERS, CENTRE)

    @property
    def is_engineer(self) -> bool:
        return self.name == ENGINEERS

    def may_see(self, institution: str, district: str = "") -> bool:
        """Whether rows of this institution are this viewer's; `district` is where the institution is, if known."""
        institutions, districts = self.scope.institutions, self.scope.districts
        mine = institutions is None or institution in institutions
        return mine and (districts is None or any(district.startswith(d) for d in districts))


def viewer(name: str) -> Viewer:
    """Raises ValueError for a name of another form."""
    if name in (ENGINEERS, CENTRE):
        return Viewer(name, _ALL)
    if name == NOBODY:
        return Viewer(name, _NONE)
    if one := _HOSPITAL.fullmatch(name):
        return Viewer(name, Scope(institutions=(one[1],)))
    if one := _DISTRICT.fullmatch(name):
        return Viewer(name, Scope(districts=(one[1],)))
    raise ValueError(name)


def viewer_of(request: Request[Any, Any, Any]) -> Viewer:
    """From `X-Yibao-Viewer`; who names a member of staff (`X-Yibao-Staff`) and nothing else is an engineer."""
    name = request.headers.get(HEADER, "").strip()
    if not name:
        return viewer(ENGINEERS if request.headers.get("X-Yibao-Staff", "").strip() else NOBODY)
    try:
        return viewer(name)
    except ValueError:
        told = f"请求头 {HEADER} 应为 engineers (工程师)、centre (中心)、hospital:<机构编码> 或 district:<行政区划代码>"
        raise HTTPException(status_code=400, detail=told) from None
